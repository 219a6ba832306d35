// Errors of the kernel, in the shape of Node's own.
import { chmodSync, linkSync, mkdirSync, writeFileSync } from "node:fs";
import { constants as os } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exec } from "../steps/01-exec/exec.ts";
import { chdir, clone, mkdir, perform, pivotRoot, type SystemError, tolerate } from "./index.ts";
import { directory, run, thrownBy } from "./testing.ts";

/** Everything about an error but where it was thrown, under the name of `syscall`. */
const shape = (error: unknown, syscall: string) => {
  const { name, message, stack } = error as SystemError;
  const own = Object.getOwnPropertyDescriptors(error as Error);
  const rename = (text: string) => text.replaceAll(syscall, "CALL");
  return {
    ...{ name, message: rename(message), firstLine: rename(stack!.split("\n")[0]!) },
    ...{
      own: { ...own, stack: "", message: "", syscall: { ...own.syscall, value: "" } },
      order: Object.keys(own),
    },
  };
};

test("an error looks as one of fs does: with a path", () => {
  const ours = thrownBy(() => perform(mkdir("/not/there", 0o755)));
  const nodes = thrownBy(() => mkdirSync("/not/there"));
  expect(shape(ours, "mkdirat")).toEqual(shape(nodes, "mkdir"));
});

test("an error looks as one of fs does: with a path and where it was to go", () => {
  const ours = thrownBy(() => perform(pivotRoot("/not/there", "/nor/there")));
  const nodes = thrownBy(() => linkSync("/not/there", "/nor/there"));
  expect(shape(ours, "pivot_root")).toEqual(shape(nodes, "link"));
});

test("an error in the child says which call of the recipe it was", () => {
  const recipe = [
    chdir("/"),
    tolerate(["ENOENT"], chdir("/not/there")),
    mkdir("/proc/x", 0o755),
    ...exec(["true"]),
  ];
  const { own, ...rest } = shape(
    thrownBy(() => clone(0, recipe)),
    "mkdirat",
  );
  const nodes = shape(
    thrownBy(() => mkdirSync("/proc/x")),
    "mkdir",
  );
  expect({ ...rest, order: rest.order.slice(0, -2) }).toEqual({ ...nodes, own: undefined });
  expect(own).toMatchObject({
    step: { value: 2 },
    steps: { value: recipe.length },
    path: { value: "/proc/x" },
  });
});

test("an error that is tolerated does not end the recipe, any other does", async () => {
  const missing = chdir("/not/there");
  expect(await run(["echo", "on"], [tolerate(["EEXIST", "ENOENT"], missing)])).toEqual({
    status: 0,
    stdout: "on\n",
  });
  expect(thrownBy(() => clone(0, [tolerate(["EEXIST"], missing)]))).toMatchObject({
    code: "ENOENT",
    step: 0,
  });
});

/** A PATH with, in this order: nothing; a file that may not be run; a directory; a program. */
function path(name: string): string[] {
  const folders = ["none", "denied", "directory", "program"].map((folder) => join(directory(), folder));
  for (const folder of folders) mkdirSync(folder);
  writeFileSync(join(folders[1]!, name), "", { mode: 0o644 });
  mkdirSync(join(folders[2]!, name));
  writeFileSync(join(folders[3]!, name), "#!/bin/sh\nexit 7\n");
  chmodSync(join(folders[3]!, name), 0o755);
  return folders;
}

test("over PATH, what may not be run outweighs what is not there, and a program outweighs both", async () => {
  const [none, denied, folder, program] = path("it");
  const start =
    (...folders: (string | undefined)[]) =>
    () =>
      clone(0, exec(["it"], { PATH: folders.join(":") }));
  const eacces = { code: "EACCES", errno: -os.errno.EACCES, syscall: "execve" };
  expect(thrownBy(start(none, none))).toMatchObject({ code: "ENOENT", path: "it" });
  expect(thrownBy(start(none, denied, none))).toMatchObject({ ...eacces, path: "it" });
  expect(thrownBy(start(none, folder))).toMatchObject({ ...eacces, path: "it" });
  expect(thrownBy(start("/etc/passwd", none))).toMatchObject({ code: "ENOENT" });
  expect(await start(none, denied, folder, program)().exited).toBe(7);
});

test("over PATH, what is no program at all is the error, as in execvp(3)", () => {
  const [, denied, , program] = path("it");
  writeFileSync(join(program!, "it"), "neither ELF nor script");
  expect(thrownBy(() => clone(0, exec(["it"], { PATH: `${denied}:${program}` })))).toMatchObject({
    code: "ENOEXEC",
  });
});
