// Runs the step in a host of its own: two network namespaces, "host", where the boxes are started, and "world", the
// internet behind it. Whatever goes wrong, this machine's own network is not concerned.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { stepCommand } from "../../checks/steps.ts";

const STEP = process.env.BOX_PROGRAM?.split(" ") ?? stepCommand("06-net");
const BOXES = Number(process.env.BOXES ?? 12); // how many start at once

const directory = mkdtempSync(join(tmpdir(), "step-06-"));
const host = `host-${process.pid}`;
const world = `world-${process.pid}`;
const runtime = join(directory, "run");
const root = join(directory, "root");
const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, BOX_RUNTIME: runtime };

// --- two hosts, by hand ---

function sh(command: string): string {
  const { status, stdout, stderr } = spawnSync("sh", ["-ec", command], { encoding: "utf8", env });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
}

const inside = (namespace: string): string[] => ["nsenter", `--net=/run/netns/${namespace}`];
const onHost = (command: string): string => sh(`${inside(host).join(" ")} sh -ec '${command}'`);

beforeAll(() => {
  sh(`
    ip netns add ${host}; ip netns add ${world}
    ip -n ${host} link set lo up; ip -n ${world} link set lo up
    ip -n ${host} link add up0 type veth peer name up0 netns ${world}
    ip -n ${host} addr add 203.0.113.2/24 dev up0; ip -n ${host} addr add 2001:db8::2/64 dev up0 nodad
    ip -n ${world} addr add 203.0.113.1/24 dev up0; ip -n ${world} addr add 2001:db8::1/64 dev up0 nodad
    ip -n ${host} link set up0 up; ip -n ${world} link set up0 up
    ip -n ${host} route add default via 203.0.113.1; ip -n ${host} route add default via 2001:db8::1
    ip -n ${world} route add 10.44.0.0/16 via 203.0.113.2`);
  // Somebody else's rules and settings.
  onHost(`
    nft add table ip filter
    nft "add chain ip filter FORWARD { type filter hook forward priority 0; policy accept; }"
    nft add table ip nat
    nft "add chain ip nat POSTROUTING { type nat hook postrouting priority 100; }"
    nft add rule ip nat POSTROUTING ip saddr 198.51.100.0/24 counter masquerade
    nft add table inet theirs
    nft "add chain inet theirs forward { type filter hook forward priority 0; policy accept; }"
    nft add rule inet theirs forward ip daddr 192.0.2.1 drop
    echo 0 >/proc/sys/net/ipv4/conf/all/accept_redirects
    echo 1 >/proc/sys/net/ipv4/conf/up0/forwarding`);
  // A root with busybox, and the machine's /usr as a volume, for node.
  for (const each of ["bin", "usr", "etc"]) mkdirSync(join(root, each), { recursive: true });
  sh(`cp "$(command -v busybox)" ${root}/bin/busybox; ln -s usr/lib usr/lib64 ${root}/`);
  for (const applet of ["sh", "ip", "ping", "nc", "cat", "sleep", "nslookup", "sysctl", "true", "awk"])
    symlinkSync("busybox", join(root, "bin", applet));
  writeFileSync(join(directory, "talk.mjs"), talk);
});

afterAll(() => {
  sh(`ip netns del ${host}; ip netns del ${world}`);
  rmSync(directory, { recursive: true });
});

// --- what a host remembers ---

const snapshot = (): Record<string, string> => ({
  rules: onHost("nft list ruleset"),
  interfaces: onHost('ip -br link | cut -d" " -f1; ip -4 addr; ip route; ip -6 route show default'),
  sysctls: onHost("cd /proc/sys/net; grep -s . ipv4/ip_forward ipv*/conf/*/forwarding ipv*/conf/*/accept_*"),
  files: readdirSync(runtime, { recursive: true }).join(),
});
let before: Record<string, string>;
beforeAll(() => {
  mkdirSync(join(runtime, "names"), { recursive: true });
  before = snapshot();
});

// The tests run boxes to their end. Then there must be no trace of them.
afterEach(() => expect(snapshot()).toEqual(before));

// --- boxes ---

const stepArgs = (options: string[], command: string[]): string[] => [
  ...inside(host).slice(1),
  ...STEP,
  "run",
  "--rootfs",
  root,
  ...options,
  ...command,
];
const shared = [
  "--volume",
  "/usr:/usr:ro",
  "--volume",
  `${process.execPath}:/node:ro`,
  "--volume",
  `${directory}:/t:ro`,
];

/** Runs a box to its end. */
function run(options: string[], command: string[] | string, changed: NodeJS.ProcessEnv = {}) {
  const args = stepArgs(options, typeof command === "string" ? ["sh", "-c", command] : command);
  return spawnSync("nsenter", args, { encoding: "utf8", env: { ...env, ...changed } });
}

/** The same, with what goes wrong told at once. */
function output(options: string[], command: string | string[]): string {
  const { status, stdout, stderr } = run(options, command);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

type Box = { process: ChildProcess; said: string; pid: number; end: () => Promise<void> };

/** Starts a box that lives until the end of the test: `command` says something when it is ready. */
async function start(options: string[], command: string): Promise<Box> {
  const child = spawn("nsenter", stepArgs(options, ["sh", "-c", `${command}\nread line`]), {
    env,
    stdio: "pipe",
  });
  const box: Box = { process: child, said: "", pid: 0, end: () => endOf(child) };
  onTestFinished(box.end);
  let complaint = "";
  child.stderr!.on("data", (text) => {
    complaint += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on("data", (text) => {
      box.said += text;
      resolve();
    });
    child.once("exit", () => reject(new Error(`the box ended: ${complaint}`)));
  });
  box.pid = Number(
    readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "latin1").trim().split(" ")[0],
  );
  return box;
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin!.end();
  await once(child, "exit");
}

/** Address 2 of the default subnet, which a first box gets. */
const FIRST = "10.44.0.2";

// --- who talks ---

// Server: answers TCP and UDP on a port with the address it was asked from. Client: prints the answer, or why none came.
const talk = `
import { createConnection, createServer } from "node:net";
import { createSocket } from "node:dgram";
const [what, port, host] = process.argv.slice(2);
const plain = (address) => address.replace("::ffff:", "");
const say = (text) => { console.log(text); process.exit(); };
setTimeout(() => what !== "serve" && say("no answer"), 3000);
if (what === "serve") {
  createServer((socket) => socket.on("error", () => {}).end(plain(socket.remoteAddress))).listen(port, () => {
    const udp = createSocket("udp6", (_, from) => udp.send(plain(from.address), from.port, from.address));
    udp.bind(port, () => console.log("ready"));
  });
} else if (what === "tcp") {
  createConnection(port, host).on("data", (text) => say(String(text))).on("error", ({ code }) => say(code));
} else {
  const udp = createSocket(host.includes(":") ? "udp6" : "udp4", (text) => say(String(text)));
  udp.on("error", ({ code }) => say(code)).connect(port, host, () => udp.send("?"));
}`;
const server = (port: number): string => `/node /t/talk.mjs serve ${port} &`;

/** Asks a server from one of the two hosts. */
const ask = (from: string, protocol: "tcp" | "udp", address: string, port: number): string =>
  sh(
    `${inside(from).join(" ")} ${process.execPath} ${directory}/talk.mjs ${protocol} ${port} ${address}`,
  ).trim();

async function serve(namespace: string, port: number): Promise<void> {
  const args = [
    ...inside(namespace).slice(1),
    process.execPath,
    join(directory, "talk.mjs"),
    "serve",
    `${port}`,
  ];
  const child = spawn("nsenter", args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(async () => {
    child.kill();
    await once(child, "exit");
  });
  await once(child.stdout!, "data");
}

describe("on the bridge", () => {
  test("a box has an address, a way out, and the host's name out there", async () => {
    await serve(world, 7000);
    const seen = output(
      shared,
      "ip -o addr; ip route; ping -c 1 -W 3 203.0.113.1; /node /t/talk.mjs tcp 7000 203.0.113.1",
    );
    expect(seen).toMatch(/lo .*inet 127\.0\.0\.1/);
    expect(seen).toContain(`inet ${FIRST}/24`);
    expect(seen).toContain("default via 10.44.0.1 dev eth0");
    expect(seen).toContain(" 0% packet loss");
    expect(seen.split("\n").at(-1)).toBe("203.0.113.2");
  });

  test("and all that by IPv6 too", async () => {
    await serve(world, 7000);
    expect(output(shared, "/node /t/talk.mjs udp 7000 2001:db8::1")).toBe("2001:db8::2");
  });

  test("while the host, now a router, still listens to its own router, and to no box", async () => {
    const box = await start([], "echo ready");
    const accepts = (device: string) => onHost(`cat /proc/sys/net/ipv6/conf/${device}/accept_ra`).trim();
    expect([accepts("up0"), accepts("box0")]).toEqual(["2", "0"]);
    await box.end();
  });

  test("it finds itself in /etc/hosts and /etc/hostname, and name servers in /etc/resolv.conf", () => {
    const dns = ["--dns", "9.9.9.9", "--dns", "2001:db8::53"];
    const seen = output(["--hostname", "me", ...dns], "cd /etc; cat hosts hostname resolv.conf");
    expect(seen).toMatch(/^127\.0\.0\.1\s+localhost$/m);
    expect(seen).toMatch(/^10\.44\.0\.2\s+me$/m);
    expect(seen).toMatch(/^me$/m);
    expect(seen).toMatch(/nameserver 9\.9\.9\.9\nnameserver 2001:db8::53$/);
  });

  test("another subnet is taken when the host has a route into the first", () => {
    onHost("ip route add 10.44.7.9 via 203.0.113.1; ip route add 10.44.0.0/17 via 203.0.113.1");
    const seen = output([], "ip -o -4 addr show eth0");
    onHost("ip route del 10.44.7.9; ip route del 10.44.0.0/17");
    expect(seen).toContain("inet 10.44.128.2/24");
  });

  test("boxes that start at the same time have different addresses", async () => {
    const show = "ip -o -4 addr show eth0 | awk '{print $4}'";
    const boxes = await Promise.all(Array.from({ length: BOXES }, () => start([], show)));
    const addresses = new Set(boxes.map(({ said }) => said.trim()));
    expect(addresses).toHaveLength(BOXES);
    await Promise.all(boxes.map(({ end }) => end()));
  });

  test("who leaves takes its name off its interface: the last one sees that it is the last", async () => {
    const [one, two] = [await start([], "echo ready"), await start([], "echo ready")];
    const heir = await start(["--network", `container:${one.pid}`], "echo ready"); // keeps one's interface
    expect(onHost("ip link show box0-2")).toContain("alias");
    await one.end();
    expect(onHost("ip link show box0-2")).not.toContain("alias");
    await two.end();
    await heir.end();
  });

  test("with no address left, the next box says so", async () => {
    const box = await start([], "echo ready");
    const taken = Array.from({ length: 252 }, (_, i) => `link add box0-${i + 3} group 45253 type bridge`);
    onHost(`echo "${taken.join("\n")}" | ip -batch -`);
    const { status, stderr } = run([], ["true"]);
    expect(stderr).toBe(
      "box: --network bridge: all 253 addresses of 10.44.0.0/24 are taken: end a box first\n",
    );
    expect(status).toBe(125);
    await box.end();
  });
});

describe("published ports", () => {
  const publish = [
    "--publish",
    "8080:80",
    "--publish",
    "8080:80/udp",
    "--publish",
    "127.0.0.1:8081:80",
    "--publish",
    "[2001:db8::2]:8082:80",
  ];

  test("are reached from outside, from the host, from 127.0.0.1, from other boxes and from the box itself", async () => {
    await serve(host, 9999);
    const box = await start([...shared, ...publish], server(80));
    for (const protocol of ["tcp", "udp"] as const) {
      expect(ask(world, protocol, "203.0.113.2", 8080)).toBe("203.0.113.1");
      expect(ask(world, protocol, "2001:db8::2", 8080)).toBe("2001:db8::1");
      expect(ask(host, protocol, "203.0.113.2", 8080)).toMatch(/^(10\.44\.0\.1|203\.0\.113\.2)$/);
      expect(ask(host, protocol, "127.0.0.1", 8080)).toBe("10.44.0.1");
      expect(ask(host, protocol, FIRST, 80)).toBe("10.44.0.1");
      const other = `/node /t/talk.mjs ${protocol}`;
      const seen = output(
        shared,
        `${other} 80 ${FIRST}; ${other} 8080 203.0.113.2; ${other} 8080 10.44.0.1; ${other} 8080 2001:db8::2`,
      );
      expect(seen.split("\n")).toEqual(["10.44.0.3", "10.44.0.1", "10.44.0.1", "fd62:6f78:a2c::1"]);
      expect(ownPort(box, protocol)).toBe("10.44.0.1");
    }
    expect(ask(host, "tcp", "127.0.0.1", 8081)).toBe("10.44.0.1");
    expect(ask(world, "tcp", "203.0.113.2", 8081)).toBe("ECONNREFUSED");
    expect(ask(world, "tcp", "2001:db8::2", 8082)).toBe("2001:db8::1");
    expect(ask(host, "tcp", "fd62:6f78:a2c::1", 8082)).toBe("ECONNREFUSED");
    await box.end();
  });

  const ownPort = (box: Box, protocol: "tcp" | "udp") =>
    sh(
      `nsenter -t ${box.pid} -n ${process.execPath} ${directory}/talk.mjs ${protocol} 8080 203.0.113.2`,
    ).trim();

  test.runIf(existsSync("/proc/sys/net/bridge"))(
    "whether or not bridges pass packets to iptables",
    async () => {
      const key = "/proc/sys/net/bridge/bridge-nf-call-iptables";
      const was = onHost(`cat ${key}; echo 0 >${key}`);
      const box = await start([...shared, ...publish], server(80));
      expect(ownPort(box, "tcp")).toBe("10.44.0.1");
      expect(output(shared, "/node /t/talk.mjs tcp 8080 203.0.113.2")).toBe("10.44.0.1");
      onHost(`echo ${was.trim()} >${key}`);
      await box.end();
    },
  );

  test("are nobody's once the box has ended", async () => {
    const neighbour = await start([], "echo ready");
    output([...shared, ...publish], "true");
    expect(onHost("nft list table inet box0")).not.toContain(". 80 ");
    await neighbour.end();
  });

  test("are all there is to reach: outside knows the way to the box, and yet", async () => {
    const box = await start([...shared, "--publish", "8080:81"], server(80));
    expect(ask(world, "tcp", FIRST, 80)).toBe("no answer");
    await box.end();
  });

  test("do not let a box reach what listens on the host's 127.0.0.1", async () => {
    await serve(host, 9999);
    expect(ask(host, "tcp", "127.0.0.1", 9999)).toBe("127.0.0.1");
    const aim = "ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1 via 10.44.0.1 src 10.44.0.2";
    const allow = "echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet";
    const seen = output(
      [...shared, "--privileged"],
      `${allow}; ${aim}; /node /t/talk.mjs tcp 9999 127.0.0.1`,
    );
    expect(seen).toBe("no answer");
  });

  test("that are taken by a program or a box are an error", async () => {
    await serve(host, 9999);
    const box = await start(publish, "echo ready");
    for (const port of ["9999:80", "9999:80/udp", "8080:81", "127.0.0.1:8081:1"]) {
      const { status, stderr } = run(["--publish", port], ["true"]);
      expect(stderr).toMatch(/^box: --publish: port \d+\/(tcp|udp) of [\d.]+ is taken: .*\n$/);
      expect(status).toBe(125);
    }
    await box.end();
  });
});

describe("another network", () => {
  const namespace = (pid: number | string): number => statSync(`/proc/${pid}/ns/net`).ino;
  const own = "/usr/bin/readlink /proc/self/ns/net";

  test("none: nothing but lo, which works", async () => {
    const seen = output(
      [...shared, "--network", "none"],
      `ip -o link; ${server(80)} sleep 1; /node /t/talk.mjs tcp 80 127.0.0.1`,
    );
    expect(seen).toMatch(/^1: lo: <LOOPBACK,UP/);
    expect(seen).not.toMatch(/^2:/m);
    expect(seen.split("\n").at(-1)).toBe("127.0.0.1");
  });

  test("host: the host's, with its name servers", () => {
    const seen = output([...shared, "--network", "host"], `cat /etc/resolv.conf; ${own}`);
    expect(seen).toBe(
      `${readFileSync("/etc/resolv.conf", "utf8")}net:[${statSync(`/run/netns/${host}`).ino}]`,
    );
  });

  test("container:PID: that of another box, and its 127.0.0.1", async () => {
    const box = await start([...shared, "--hostname", "one"], server(80));
    const options = [...shared, "--network", `container:${box.pid}`, "--hostname", "two"];
    const seen = output(
      options,
      `${own}; /node /t/talk.mjs tcp 80 127.0.0.1; ip -o -4 addr show eth0; cat /etc/hostname`,
    );
    expect(seen).toContain(`net:[${namespace(box.pid)}]\n127.0.0.1\n`);
    expect(seen).toContain(FIRST);
    expect(seen).toMatch(/two$/);
    await box.end();
  });
});

// Each direction alone: the answers of one stream would wait behind the data of the other.
test.each([
  {
    option: "--bandwidth-in",
    rate: "8mbit",
    peer: "nc -l -p 7000 </dev/zero",
    box: "sleep 9 | nc",
    column: 1,
  },
  {
    option: "--bandwidth-out",
    rate: "1mbps",
    peer: "sleep 9 | nc -l -p 7000",
    box: "</dev/zero nc",
    column: 2,
  },
])("$option is kept to, and the box cannot change it", ({ option, rate, peer, box, column }) => {
  const command = ["sh", "-c", `alias nc="busybox nc"\n${peer} >/dev/null`];
  const sink = spawn("nsenter", [...inside(world).slice(1), ...command], { detached: true });
  onTestFinished(() => void process.kill(-sink.pid!));
  const count = `awk '/eth0/ {rx=$2; tx=$10} END {getline <"/proc/uptime"; print $1, rx, tx}' /proc/net/dev`;
  const seen = output(
    [...shared, option, rate],
    `${box} 203.0.113.1 7000 >/dev/null & for i in 1 2 3 4; do sleep 0.8; ${count}; done; tc qdisc del dev eth0 root 2>&1 || :`,
  ).split("\n");

  // A busy machine may send less in a second than is allowed, but never more.
  const counts = seen.slice(0, 4).map((line) => line.split(" ").map(Number));
  const perSecond = counts
    .slice(1)
    .map((now, i) => (now[column]! - counts[i]![column]!) / (now[0]! - counts[i]![0]!));
  expect((Math.max(...perSecond) * 8) / 8e6).toBeCloseTo(1, 0.5); // ± 15 %
  expect(seen.at(-1)).toMatch(/not permitted/);
});

describe("the image's own files", () => {
  const secret = join(directory, "secret");
  for (const [what, target] of [
    ["a dangling symbolic link", "/nowhere/resolv.conf"],
    ["one to a file of the host", secret],
  ])
    test(`/etc/resolv.conf may be ${what}`, () => {
      writeFileSync(secret, "unharmed");
      rmSync(join(root, "etc/resolv.conf"), { force: true });
      symlinkSync(target!, join(root, "etc/resolv.conf"));
      const seen = output(
        ["--dns", "9.9.9.9"],
        "echo 'options rotate' >>/etc/resolv.conf; cat /etc/resolv.conf",
      );
      expect(seen).toMatch(/nameserver 9\.9\.9\.9\noptions rotate$/);
      expect(readFileSync(secret, "utf8")).toBe("unharmed");
      rmSync(join(root, "etc/resolv.conf"));
    });

  test("name servers that listen on the host's loopback only are no use to a box: it says what it asks instead", () => {
    const stub = join(directory, "stub.conf");
    writeFileSync(stub, "nameserver 127.0.0.53\nsearch example.org\n");
    const args = ["--mount", "sh", "-ec", `mount --bind ${stub} /etc/resolv.conf; exec nsenter "$@"`, "sh"];
    const { stdout, stderr } = spawnSync("unshare", [...args, ...stepArgs([], ["cat", "/etc/resolv.conf"])], {
      encoding: "utf8",
      env,
    });
    expect(stdout).toBe("search example.org\nnameserver 8.8.8.8\nnameserver 8.8.4.4\n");
    expect(stderr).toMatch(/^box: .*8\.8\.8\.8 and 8\.8\.4\.4.*--dns.*\n$/);
  });
});

describe("other tables", () => {
  test("that drop what is forwarded are told of, in one line, until they know the bridge", () => {
    onHost('nft "chain ip filter FORWARD { policy drop; }"');
    const { status, stderr } = run([], ["true"]);
    expect(stderr).toMatch(/^box: .*ip filter FORWARD.*insert rule.*\n$/);
    expect(status).toBe(0);
    onHost(
      "nft insert rule ip filter FORWARD iifname box0 accept; nft insert rule ip filter FORWARD oifname box0 accept",
    );
    expect(output([], "ping -c 1 -W 3 203.0.113.1")).toContain(" 0% packet loss");
    onHost('nft "flush chain ip filter FORWARD; chain ip filter FORWARD { policy accept; }"');
  });
});

describe("a launcher that was killed", () => {
  const publish = ["--publish", "8080:80"];
  async function kill(box: Box): Promise<void> {
    box.process.kill("SIGKILL");
    await once(box.process, "exit");
  }

  test("leaves what the next run removes: its port is free again", async () => {
    await kill(await start(publish, "echo ready"));
    expect(snapshot()).not.toEqual(before);
    output([...shared, ...publish], "true");
  });

  test("and the next run beside a living box as well", async () => {
    const neighbour = await start([], "echo ready");
    await kill(await start(publish, "echo ready"));
    const box = await start([...shared, "--publish", "8080:81"], server(81));
    expect(ask(world, "tcp", "203.0.113.2", 8080)).toBe("203.0.113.1");
    await box.end();
    await neighbour.end();
  });

  test("leaves what sweepNetwork removes", async () => {
    await kill(await start(publish, "echo ready"));
    const sweep = `import("${import.meta.dirname}/network.ts").then((step) => step.sweepNetwork())`;
    onHost(`node --import tsx --eval "${sweep.replaceAll('"', '\\"')}"`);
  });

  test("and so when somebody has deleted the bridge since", async () => {
    await kill(await start(publish, "echo ready"));
    onHost("ip link del box0");
    const sweep = `import("${import.meta.dirname}/network.ts").then((step) => step.sweepNetwork())`;
    onHost(`node --import tsx --eval "${sweep.replaceAll('"', '\\"')}"`);
  });
});

test("the last box to leave puts the settings back, whatever BOX_RUNTIME the first one had", async () => {
  const first = await start([], "echo ready");
  const other = join(directory, "other");
  const last = spawn("nsenter", stepArgs([], ["sh", "-c", "echo ready; read line"]), {
    env: { ...env, BOX_RUNTIME: other },
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(last.stdout, "data");
  await first.end();
  await endOf(last);
  rmSync(other, { recursive: true });
});

test("a signal that comes while the network is made ends the box, not the clean-up", async () => {
  const bin = join(directory, "slow");
  mkdirSync(bin);
  writeFileSync(join(bin, "nft"), `#!/bin/sh\nsleep 0.5\nexec ${sh("command -v nft").trim()} "$@"\n`, {
    mode: 0o755,
  });
  const slow = { ...env, PATH: `${bin}:${process.env.PATH}` };
  const launcher = spawn("nsenter", stepArgs([], ["sleep", "60"]), { env: slow, stdio: "ignore" });
  onHost("for i in $(seq 200); do ip link show box0 2>/dev/null && break; sleep 0.05; done");
  launcher.kill("SIGINT");
  expect(await once(launcher, "exit")).toEqual([130, null]);
});

describe("what cannot be is one line and 125", () => {
  const cases: [options: string[], says: RegExp][] = [
    [["--network", "moon"], /none, host, bridge or container:PID, got 'moon'/],
    [["--network", "container:0"], /none, host, bridge or container:PID/],
    [["--network", "container:4194304"], /pid/],
    [["--network", "none", "--publish", "1:1"], /--publish/],
    [["--network", "host", "--bandwidth-in", "1mbit"], /--bandwidth/],
    [["--publish", "0:80"], /ports from 1 to 65535, got '0:80'/],
    [["--publish", "80:70000"], /ports from 1 to 65535/],
    [["--publish", "80"], /HOST:BOX/],
    [["--publish", "192.0.2.77:80:80"], /EADDRNOTAVAIL/],
    [["--dns", "example.org"], /address.*got 'example.org'/],
    [["--bandwidth-in", "banana"], /10mbit.*got 'banana'/],
    [["--bandwidth-out", "0"], /got '0'/],
  ];
  for (const [options, says] of cases)
    test(options.join(" "), () => {
      const { status, stdout, stderr } = run(options, ["true"]);
      expect(stderr).toMatch(/^box: .*\n$/);
      expect(stderr).toMatch(says);
      expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
    });

  test("a tool that is missing", () => {
    const bin = join(directory, "bin");
    mkdirSync(bin);
    for (const tool of ["node", "ip", "nsenter"]) sh(`ln -s "$(command -v ${tool})" ${bin}/`);
    const { status, stderr } = run([], ["true"], { PATH: bin });
    expect(stderr).toMatch(/^box: nft is not in PATH.*nftables.*\n$/);
    expect(status).toBe(125);
  });

  test("a command that cannot be run", () => {
    expect(run(["--publish", "8080:80"], ["nonesuch"]).status).toBe(127);
  });

  test("an interface of the bridge's name that is not ours", () => {
    onHost("ip link add box0 type bridge");
    const { status, stderr } = run([], ["true"]);
    onHost("ip link del box0");
    expect(stderr).toMatch(/^box: .*File exists.*box0.*\n$/);
    expect(status).toBe(125);
  });
});
