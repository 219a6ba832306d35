// Timetables for lessons/instructor.md, computed from the minutes that the lessons say.
//
//   npm run lessons:weave     writes them
import { lessonsOf, type Page, readBook } from "../site/book.ts";

/** What is done with a lesson: how much of its minutes that takes, and what the room does. */
const ways = {
  show: { share: 1 / 3, words: "you show it: slides, one attack, one defence" },
  type: { share: 1, words: "everybody types along" },
  write: { share: 1, words: "everybody writes it: `npm run play`, `npm run check`" },
};

type Entry = { lesson: number; way: keyof typeof ways } | { pause: string; minutes: number };
type Course = { title: string; minutes: number; entries: Entry[] };

const show = (...lessons: number[]): Entry[] => lessons.map((lesson) => ({ lesson, way: "show" }));
const type = (...lessons: number[]): Entry[] => lessons.map((lesson) => ({ lesson, way: "type" }));
const typeAndWrite = (lesson: number): Entry[] => [...type(lesson), { lesson, way: "write" }];
const pause = (minutes: number, words = "a break"): Entry => ({ pause: words, minutes });

/** In the order of the day. What a course leaves of its minutes is for questions. */
export const courses: Course[] = [
  { title: "One hour: a talk", minutes: 60, entries: show(0, 2, 3, 4, 5, 7) },
  {
    title: "Three hours: a workshop",
    minutes: 180,
    entries: [...show(0, 1), ...type(2, 3), pause(10), ...type(4, 5), pause(10), ...show(7, 8)],
  },
  {
    title: "A day: everybody writes a container",
    minutes: 8 * 60,
    entries: [
      ...[...type(0, 1), ...typeAndWrite(2), pause(15), ...typeAndWrite(3)],
      ...[pause(60, "lunch"), ...typeAndWrite(4), pause(15), ...typeAndWrite(5)],
      ...[pause(10), ...type(6, 7), ...show(8)],
    ],
  },
];

const START = "<!-- schedule: npm run lessons:weave writes it -->";
const END = "<!-- end of schedule -->";

/** The text with the timetables of today between its two marks. @throws {Error} if a course is too short for them */
export function withSchedule(text: string): string {
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) return text;
  const lessons = lessonsOf(readBook());
  const tables = courses.map((course) => timetable(course, lessons)).join("\n\n");
  return `${text.slice(0, start)}${START}\n\n${tables}\n\n${text.slice(end)}`;
}

function timetable({ title, minutes, entries }: Course, lessons: Page[]): string {
  let now = 0;
  const rows = entries.map((entry) => {
    const { takes, what, how } = describe(entry, lessons);
    now += takes;
    return `| ${clock(now - takes)} | ${takes} | ${what} | ${how} |`;
  });
  if (now > minutes) throw new Error(`${title}: its lessons take ${now} of ${minutes} minutes`);
  const rest = `| ${clock(now)} | ${minutes - now} | questions | |`;
  return [`### ${title}`, "", "| at | minutes | what | how |", "|---|---:|---|---|", ...rows, rest].join(
    "\n",
  );
}

function describe(entry: Entry, lessons: Page[]): { takes: number; what: string; how: string } {
  if ("pause" in entry) return { takes: entry.minutes, what: entry.pause, how: "" };
  const page = lessons.find(({ lesson }) => lesson?.number === entry.lesson);
  if (!page) throw new Error(`there is no lesson ${entry.lesson}`);
  const { share, words } = ways[entry.way];
  const anchor = entry.way === "write" ? "#your-turn" : "";
  const what = `[${entry.lesson} ${page.title}](${page.name}.md${anchor})`;
  return { takes: Math.round(page.lesson!.minutes * share), what, how: words };
}

const clock = (minutes: number): string =>
  `${Math.floor(minutes / 60)}:${`${minutes % 60}`.padStart(2, "0")}`;
