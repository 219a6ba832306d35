// Sets the scene for a check: the host, its directories, and ways to start more boxes on it than the one that is watched.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Ending, lives, type Neighbour, type Scene } from "./check.ts";
import { type Launched, launch } from "./launch.ts";
import type { Machine } from "./machine.ts";
import { findCommand } from "./proc.ts";
import type { Program } from "./programs.ts";
import { makeRoot } from "./root.ts";
import { imagesCommand } from "./steps.ts";

/** Starts the program with `args`. */
export type Start = (args: string[], stdin?: Buffer, around?: (argv: string[]) => string[]) => Launched;

export interface Stage {
  scene: Scene;
  start: Start;
  /** Stops the host and all on it. Has the program remove what it keeps elsewhere of boxes that were not ended. */
  strike: () => Promise<void>;
}

/** `folder` is an empty directory; what is in it afterwards is the caller's to remove. */
export const setStage = (host: Machine, folder: string, program: Program): Stage => {
  const place = (name: string) => join(folder, name);
  const mark = newMark();
  const kept = { store: place("store"), runtime: place("run") };
  const variables = { SECRET: mark, BOX_STORE: kept.store, BOX_RUNTIME: kept.runtime };
  const launches: Launched[] = [];
  const folders: string[] = [];

  const start: Start = (args, stdin, around = (argv) => argv) => {
    const own = place(`box-${folders.length + 1}`);
    folders.push(own);
    mkdirSync(own);
    const launched = launch(host.enter(around(program.start(args, own))), variables, stdin);
    launches.push(launched);
    return launched;
  };
  const startBox = (options: string[], command: string[]) =>
    start(boxArgs(program, scene.root, options, command));

  const scene: Scene = {
    ...{ host, dir: place("host"), root: place("root"), mark, ...kept },
    another: (options, command) => toItsEnd(startBox(options, command)),
    neighbour: async (options, script) => {
      const command = lives(script)({ ...scene, mark: newMark() });
      return neighbour(startBox(options, command), command);
    },
    makeImage: (name, directory) => {
      const words = program.makeImage?.(name, directory) ?? [...imagesCommand(), "import", name, directory];
      run(host.enter(words), variables);
    },
  };
  mkdirSync(scene.dir);
  makeRoot(scene.root, mark);
  const strike = async () => {
    // nsenter(1) stops itself when its child was stopped, and would never see the end.
    for (const launched of launches) launched.kill();
    await host.stop();
    for (const each of folders) program.cleanUp?.(each);
  };
  return { scene, start, strike };
};

/** `run …`, for a box with the root file system of the scene unless it is to start from an image. */
export const boxArgs = (program: Program, root: string, options: string[], command: string[]) => [
  "run",
  ...(program.takesRoot && !options.includes("--image") ? ["--rootfs", root] : []),
  ...options,
  ...command,
];

const newMark = () => String(1e9 + Math.floor(Math.random() * 1e9));

const toItsEnd = (launched: Launched): Promise<Ending> => {
  launched.endInput();
  return launched.ended;
};

const neighbour = async (launched: Launched, command: string[]): Promise<Neighbour> => {
  if (!(await launched.prints("ready")))
    throw new Error(`a second box never printed “ready”: ${launched.output().stderr.trim()}`);
  const box = findCommand(command);
  if (!box) throw new Error("a second box printed “ready” and was gone when looked for");
  return { box, end: () => toItsEnd(launched) };
};

const run = ([command, ...args]: string[], variables: NodeJS.ProcessEnv) => {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...variables };
  const { status, stderr } = spawnSync(command!, args, { encoding: "utf8", env });
  if (status !== 0) throw new Error(`the image could not be made: ${stderr.trim()}`);
};
