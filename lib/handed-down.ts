// The top of a version 2 tree, which the first box changes: it hands controllers down and, in a container, moves all
// processes one level down first. Who wants nothing left puts that back.
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { perform, rmdir } from "../native/index.ts";
import { boxGroups, hierarchies, members, put, unless } from "./cgroups.ts";

/** The controllers that groups below the top have. */
export const handedDown = (): string[] =>
  tops().flatMap((top) =>
    readFileSync(`${top}/cgroup.subtree_control`, "latin1").trim().split(" ").filter(Boolean),
  );

/** Takes back all controllers but those in `before`, unless a box runs, whose limits would go with them. */
export function handBack(before: string[]): void {
  const inUse = boxGroups().map((group) => dirname(group));
  for (const top of tops().filter((each) => !inUse.includes(each))) {
    for (const controller of handedDown().filter((each) => !before.includes(each)))
      unless(["EBUSY"], () => put(`${top}/cgroup.subtree_control`, `-${controller}`));
    moveUp(top);
  }
}

/** Empties the group that step 5 makes where the top has processes. Only a top that hands nothing down may have any. */
function moveUp(top: string): void {
  const below = `${top}/launchers`;
  if (!existsSync(below) || handedDown().length > 0) return;
  for (const pid of members(below)) unless(["ESRCH"], () => put(`${top}/cgroup.procs`, pid));
  unless(["EBUSY"], () => perform(rmdir(below)));
}

const tops = (): string[] => hierarchies().flatMap(({ version, root }) => (version === 2 ? [root] : []));
