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
  network: string;
  limits: Limits;
  devices: Device[];
  image?: string;
  commit?: string;
  /** The options that docker has under the same name, as they were given. */
  asDocker: string[];
  command: string[];
}

/** In bytes, CPUs and numbers; undefined for what is not limited. */
export interface Limits {
  memory?: number;
  memoryReservation?: number;
  memorySwap?: number;
  cpus?: number;
  cpuShares?: number;
  cpusetCpus?: string;
  pids?: number;
  writeBps: { disk: string; rate: number }[];
}

export interface Device {
  source: string;
  target: string;
  access: string;
}

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const flag = { type: "boolean" } as const;
const OPTIONS = {
  ...{ hostname: text, domainname: text, rootfs: text, volume: texts, env: texts },
  ...{ init: flag, "read-only": flag, privileged: flag, network: text, image: text, commit: text },
};
const DOCKERS = {
  ...{ memory: text, "memory-reservation": text, "memory-swap": text, "pids-limit": text },
  ...{ cpus: text, "cpu-shares": text, "cpuset-cpus": text, "device-write-bps": texts },
  ...{ device: texts, publish: texts, dns: texts },
};

/** `run [options] COMMAND…`: options end at the first word that is none. `network` is the one without an option. */
export const parse = ([, ...args]: string[], network = "host"): BoxOptions => {
  const options = { ...OPTIONS, ...DOCKERS };
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  const start = tokens.find(({ kind }) => kind === "positional")!.index;
  const { values } = parseArgs({ args: args.slice(0, start), options });
  return {
    hostname: values.hostname ?? randomBytes(6).toString("hex"),
    domainname: values.domainname,
    init: values.init ?? false,
    rootfs: values.rootfs!,
    readOnly: values["read-only"] ?? false,
    privileged: values.privileged ?? false,
    volumes: (values.volume ?? []).map(volume),
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...(values.env ?? [])],
    network: values.network ?? network,
    limits: limits(values),
    devices: (values.device ?? []).map(device),
    image: values.image,
    commit: values.commit,
    asDocker: tokens.flatMap((token) =>
      token.kind === "option" && token.index < start && token.name in DOCKERS
        ? [token.rawName, token.value as string]
        : [],
    ),
    command: args.slice(start),
  };
};

type Given = Partial<Record<string, string | boolean | (string | boolean)[]>>;

const limits = (given: Given): Limits => ({
  memory: bytes(given.memory),
  memoryReservation: bytes(given["memory-reservation"]),
  memorySwap: bytes(given["memory-swap"]),
  cpus: number(given.cpus),
  cpuShares: number(given["cpu-shares"]),
  cpusetCpus: given["cpuset-cpus"] as string | undefined,
  pids: number(given["pids-limit"]),
  writeBps: ((given["device-write-bps"] ?? []) as string[]).map((option) => {
    const [disk, rate] = option.split(":");
    return { disk: disk!, rate: bytes(rate)! };
  }),
});

const number = (given: Given[string]) => (given === undefined ? undefined : Number(given));

/** `64m` → 67108864 */
const bytes = (given: Given[string]) => {
  const [, amount, unit = ""] = /^(\d+)([kmg]?)$/i.exec(String(given)) ?? [];
  return amount === undefined
    ? undefined
    : Number(amount) * 1024 ** " kmg".indexOf(unit.toLowerCase() || " ");
};

/** `HOST`, `HOST:BOX`, `HOST:BOX:rwm` */
const device = (option: string): Device => {
  const [source, ...rest] = option.split(":");
  const access = /^[rwm]+$/.test(rest.at(-1) ?? "") ? rest.pop()! : "rwm";
  return { source: source!, target: rest[0] ?? source!, access };
};

const volume = (option: string): Volume => {
  const [source, target, mode] = option.split(":");
  return { source: source!, target: target!, readOnly: mode === "ro" };
};
