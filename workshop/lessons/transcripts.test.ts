// Every transcript of every lesson, in real terminals; and the actors themselves, who must notice what is wrong.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hierarchies } from "../../lib/cgroups.ts";
import { report } from "./act.ts";
import { actLesson, actText, makeStore } from "./check.ts";
import { firstDifference } from "./compare.ts";
import { lessonFiles } from "./fences.ts";

let store: string;
beforeAll(async () => {
  store = await makeStore();
  process.env.BOX_STORE = store;
});
afterAll(() => rmSync(store, { recursive: true }));

describe("lessons", () => {
  test.for(lessonFiles(process.env.LESSONS))(
    "%s happens as it says",
    { timeout: 1_800_000 },
    async (file, { skip }) => {
      const { played, skipped, left } = await actLesson(file, store);
      if (played.length === 0) skip(skipped[0]);
      for (const line of skipped) console.log(`skipped: ${line}`);
      const wrong = played.filter(({ trouble }) => trouble).map((each) => report(file, each));
      expect(wrong.join("\n\n")).toBe("");
      expect(left).toEqual([]);
    },
  );
});

describe("lines", () => {
  const cases: [what: string, expected: string[], seen: string[], difference: number | undefined][] = [
    ["the same", ["a", "b"], ["a", "b"], undefined],
    ["another line", ["a", "b"], ["a", "c"], 1],
    ["a line too many", ["a"], ["a", "b"], 1],
    ["a line too few", ["a", "b"], ["a"], 1],
    ["any lines", ["a", "…", "z"], ["a", "b", "c", "z"], undefined],
    ["no lines", ["a", "…", "z"], ["a", "z"], undefined],
    ["any lines, then another", ["a", "…", "z"], ["a", "b"], 2],
    ["anything in a line", ["pid … of …"], ["pid 17 of 200"], undefined],
    ["anything in another line", ["pid … of …"], ["pids 17 of 200"], 0],
    ["a dot that is no pattern", ["1.5"], ["1x5"], 0],
    ["ids", ["box 0123456789ab"], ["box fedcba987654"], undefined],
    ["namespaces", ["uts:[4026531838]"], ["uts:[4026532447]"], undefined],
    ["another kind of namespace", ["uts:[4026531838]"], ["ipc:[4026531838]"], 0],
    ["times and sizes", ["took 3.2 s, 64 MiB"], ["took 3.19 s, 65 MiB"], undefined],
    ["other units", ["took 3 s"], ["took 3 ms"], 0],
    ["numbers that are neither", ["exit 3"], ["exit 4"], 0],
    ["times of day", ["at 12:30:01"], ["at 09:11:59"], undefined],
    ["columns", ["a   b"], ["a b"], undefined],
  ];
  test.each(cases)("%s", (_, expected, seen, difference) =>
    expect(firstDifference(expected, seen)).toBe(difference),
  );
});

describe("a stage", () => {
  const fence = (text: string, info = "console") => `\`\`\`${info}\n${text}\n\`\`\`\n`;
  const troubles = (...fences: string[]) => troublesIn(30, ...fences);
  const troublesIn = async (seconds: number, ...fences: string[]) => {
    const { played, left } = await actText(fences.join("\n"), store, "text", seconds);
    return [...played.flatMap(({ trouble }) => trouble ?? []), ...left];
  };
  const STEP = "tsx steps/04-mnt-chroot/main.ts run --hostname box";

  test("what happens as it is said", async () => {
    const talk = [
      fence("$ echo one \\\n>   two\none two\n$ sleep 100\n^C\n$ echo $?\n130"),
      fence(`$ ${STEP} sh\n/ # hostname; read x; echo "<$x>"`, "console term=box running"),
      fence("$ ps ax | grep -c '[r]un --hostname box sh'\n…"),
      fence("^C", "console term=box"),
      fence("/ # exit", "console term=box"),
      fence("$ seq 300\n1\n…\n300"),
      fence(
        `$ ${STEP} sh\n/ # cat\n^D\n^D\n$ sleep 100\n^Z\n[1]+ Stopped sleep 100\n$ fg\nsleep 100\n^C\n^C`,
      ),
      fence("$ printf '\\033[31mred\\033[m\\n'; sleep 0.3; echo late\nred\nlate"),
      fence(`$ echo ${"x".repeat(400)}\n${"x".repeat(400)}`),
    ];
    expect(await troubles(...talk)).toEqual([]);
  });

  test("what runs shows more when the next scene of its terminal comes", async () => {
    const typed = fence("$ echo one; read x < /tmp/fifo; echo two\none", "console term=other running");
    const fed = [fence("$ mkfifo /tmp/fifo"), typed, fence("$ echo > /tmp/fifo; rm /tmp/fifo")];
    expect(await troubles(...fed, fence("two\n$ echo three\nthree", "console term=other"))).toEqual([]);
    expect(await troubles(...fed, fence("2\n$ echo three\nthree", "console term=other"))).toEqual([
      "from '2' on it differs",
    ]);
    expect(await troubles(...fed, fence("$ echo three\nthree", "console term=other"))).toEqual([
      "what ran before has shown more",
    ]);
    await expect(troubles(fence("one\n$ echo two\ntwo"))).rejects.toThrow("begins with something typed");
  });

  test("what does not is noticed", async () => {
    expect(await troubles(fence("$ echo one\ntwo"))).toEqual(["from 'two' on it differs"]);
    expect(await troubles(fence("$ echo one"))).toEqual(["from 'the end' on it differs"]);
    expect(await troublesIn(3, fence("/ # echo one\none"))).toEqual([
      expect.stringMatching(/stays at \$ , not at '\/ # '/),
    ]);
    expect(await troublesIn(3, fence("$ cat"), fence("$ echo one\none"))).toEqual([
      expect.stringMatching(/stays for 3 s/),
    ]);
  });

  test("what is left is noticed", async () => {
    const group = join(hierarchies()[0]!.root, "left");
    const left = await troubles(
      fence(
        "$ mount -t tmpfs box-left /mnt\n$ ip link add box-left type bridge\n$ touch /tmp/box-left /var/tmp/lesson-left",
      ),
      fence("$ setsid sleep 1000 &\n…\n$ ipcmk -Q\n…\n$ hostname box-left\n$ nft add table inet box-left"),
      fence(`$ mkdir ${group}`),
    );
    rmSync("/var/tmp/lesson-left");
    expect(left).toContain("+ file: /var/tmp/lesson-left");
    expect(left).toContain("+ cgroup: left");
    const found = new Set(left.map((line) => line.split(":")[0]));
    for (const what of ["mount", "interface", "file", "process", "System V object", "setting", "nft"])
      expect(found).toContain(`+ ${what}`);
  });

  test("what cannot be here is left out, and said", async () => {
    const { played, skipped } = await actText(
      fence("$ echo one\ntwo", "console needs=no-such-program"),
      store,
    );
    expect(played).toEqual([]);
    expect(skipped).toEqual([expect.stringMatching(/^text:2: no no-such-program in PATH/)]);
    const whole = `---\nneeds: [root, no-such-program]\n---\n${fence("$ echo one\ntwo")}`;
    expect(await actText(whole, store)).toEqual({ played: [], skipped: [expect.any(String)], left: [] });
  });
});
