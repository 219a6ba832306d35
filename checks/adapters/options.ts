// The command line of the steps, read for a runtime that has another.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";

export interface Volume {
  source: string;
  target: string;
  readOnly: boolean;
}

export interface BoxOptions {
  hostname: string;
  domainname?: string;
  init: boolean;
  rootfs: string;
  readOnly: boolean;
  privileged: boolean;
  volumes: Volume[];
  env: string[];
  command: string[];
}

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = {
  ...{ hostname: text, domainname: text, rootfs: text, volume: texts, env: texts },
  ...{ init: flag, "read-only": flag, privileged: flag },
};

/** `run [options] COMMAND…`: options end at the first word that is none. */
export const parse = ([, ...args]: string[]): BoxOptions => {
  const { tokens } = parseArgs({ args, options: OPTIONS, strict: false, tokens: true });
  const start = tokens.find(({ kind }) => kind === "positional")!.index;
  const { values } = parseArgs({ args: args.slice(0, start), options: OPTIONS });
  return {
    hostname: values.hostname ?? randomBytes(6).toString("hex"),
    domainname: values.domainname,
    init: values.init ?? false,
    rootfs: values.rootfs!,
    readOnly: values["read-only"] ?? false,
    privileged: values.privileged ?? false,
    volumes: (values.volume ?? []).map(volume),
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...(values.env ?? [])],
    command: args.slice(start),
  };
};

const volume = (option: string): Volume => {
  const [source, target, mode] = option.split(":");
  return { source: source!, target: target!, readOnly: mode === "ro" };
};
