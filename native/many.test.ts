// Whole boxes, many of them: all six namespaces, a root of their own. None fails, and nothing stays.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeRoot } from "../checks/root.ts";
import { exec } from "../steps/01-exec/exec.ts";
import { pivotInto } from "../steps/04-mnt-chroot/rootfs.ts";
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  clone,
  MS_NOSUID,
  mount,
  sethostname,
  waitForParent,
} from "./index.ts";
import { children, descriptors, directory } from "./testing.ts";

const all = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS;

const RUNS = Number(process.env.RUNS ?? 1000);

/** Starts a box that exits with `status`, if it is what it should be. */
const box = (root: string, status: number) =>
  clone(all, [
    ...waitForParent(),
    sethostname(`box-${status}`),
    ...pivotInto(root),
    mount("proc", "/proc", "proc", MS_NOSUID),
    ...exec(["sh", "-c", `[ $$-$(hostname) = 1-box-${status} ] && exit ${status}`], { PATH: "/bin" }),
  ]);

/** What could stay: descriptors, children, mounts, processes that have `root` for their root. */
const left = (root: string) => ({
  descriptors: descriptors().join(" "),
  children: children(),
  mounts: mountsOf("self")
    .split("\n")
    .filter((line) => line.includes(root) || line.includes(" /proc ")),
  inside: readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && mountsOf(pid).includes(root)),
});

function mountsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, "utf8");
  } catch {
    return ""; // it has ended
  }
}

async function start(root: string, status: number): Promise<number> {
  const child = box(root, status);
  child.resume();
  return child.exited;
}

function newRoot(): string {
  const root = directory();
  makeRoot(root, "many");
  return root;
}

test(`${RUNS}, one after the other`, async () => {
  const root = newRoot();
  await start(root, 1);
  const before = left(root);
  for (let i = 0; i < RUNS; i++) expect(await start(root, i % 250)).toBe(i % 250);
  expect(left(root)).toEqual(before);
});

test("fifty side by side", async () => {
  const root = newRoot();
  await start(root, 1);
  const before = left(root);
  const waiting = Array.from({ length: 50 }, (_, i) => box(root, i));
  expect(Object.keys(children())).toHaveLength(50);
  for (const child of waiting.toReversed()) child.resume();
  expect(await Promise.all(waiting.map(({ exited }) => exited))).toEqual(waiting.map((_, i) => i));
  expect(left(root)).toEqual(before);
});
