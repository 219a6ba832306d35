// The descriptions of machines that nobody can start here: at least their keys are ones that their readers know.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { repository } from "../../lib/paths.ts";

/** A file's text. */
const read = (path: string): string => readFileSync(join(repository, path), "utf8");

// https://lima-vm.io: templates/default.yaml
const LIMA = {
  "": "minimumLimaVersion images mountTypesUnsupported cpus memory disk containerd",
  images: "location arch digest kernel initrd",
  containerd: "system user archives",
};

test("the template for Lima has the keys that Lima's own default template explains", () => {
  const lines = read("workshop/machines/lima.yaml")
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line));
  let section = "";
  for (const line of lines) {
    const [, indent, key] = /^((?:- | {2})?)(\w+):( |$)/.exec(line) ?? [];
    expect(key, line).toBeDefined();
    if (indent === "") section = key!;
    expect(LIMA[(indent === "" ? "" : section) as keyof typeof LIMA]!.split(" "), line).toContain(key);
  }
  expect(lines.filter((line) => /arch: "(x86_64|aarch64)"/.test(line))).toHaveLength(2);
});

// https://containers.dev/implementors/json_reference
const DEVCONTAINER: Record<string, string> = {
  name: "string",
  image: "string",
  privileged: "boolean",
  remoteUser: "string",
  mounts: "object",
  postCreateCommand: "string",
};

test("the development container is one of the specification, with comments as it allows", () => {
  const json = read(".devcontainer/devcontainer.json").replace(/^\s*\/\/.*$/gm, "");
  const container: Record<string, unknown> = JSON.parse(json);
  for (const [key, value] of Object.entries(container)) expect(typeof value, key).toBe(DEVCONTAINER[key]);
  // What step 7 needs, where the steps look for it.
  const paths = read("lib/paths.ts");
  const [, target] = /target=([^,]+)/.exec((container.mounts as string[])[0]!)!;
  expect(paths).toContain(`"${target}"`);
});

test("what the page about machines names is there", () => {
  const page = read("lessons/machines.md");
  const files = [...page.matchAll(/`((?:\.|\w+\/)[\w./-]+\.\w+)`/g)].map(([, file]) => file!);
  expect(files).toContain(".devcontainer/devcontainer.json");
  expect(files.filter((file) => !existsSync(join(repository, file)))).toEqual([]);
  const scripts = JSON.parse(read("package.json")).scripts;
  const named = [...page.matchAll(/`npm run ([\w:]+)/g)].map(([, name]) => name!);
  expect(named.filter((name) => !scripts[name])).toEqual([]);
});
