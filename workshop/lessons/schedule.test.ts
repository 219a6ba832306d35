// The pages around the lessons: timetables that are those of today's lessons, and messages that are those of today's code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../../lib/paths.ts";
import { readLesson } from "./fences.ts";
import { withSchedule } from "./schedule.ts";

test("the timetables are today's: npm run lessons:weave", () => {
  const text = readLesson("lessons/instructor.md");
  expect(text).toContain("A day");
  expect(withSchedule(text)).toBe(text);
});

test("a timetable that says something else is noticed", () => {
  const text = readLesson("lessons/instructor.md");
  expect(withSchedule(text.replace("| 0:00 |", "| 0:99 |"))).toBe(text);
});

const places = ["lib", "steps", "workshop", "native", "setup.sh", "rootfs-fetch.ts"];

const sources = places
  .flatMap((place) => (/\./.test(place) ? [place] : filesBelow(place)))
  .map((path) => readFileSync(join(repository, path), "utf8"))
  .join("\n");

function filesBelow(place: string): string[] {
  const names = readdirSync(join(repository, place), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => /^(?!.*(test|node_modules)).*\.ts$/.test(name))
    .map((name) => join(place, name));
}

/** The messages that help.md explains: the code in the first column of its tables. `…` stands for what varies. */
const messages = [...readLesson("lessons/help.md").matchAll(/^\| `([^`]+)`/gm)].map(
  ([, message]) => message!,
);

test("help knows messages", () => expect(messages.length).toBeGreaterThan(20));

test.each(messages)("our code says: %s", (message) => {
  const pieces = message.split("…").map((piece) => piece.replace(/^(box|setup|rootfs): /, "").trim());
  expect(pieces.filter((piece) => !sources.includes(piece))).toEqual([]);
});
