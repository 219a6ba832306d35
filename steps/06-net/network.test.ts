// The network of a box beyond what checks/ sees of any program's: IPv6, its files, its bandwidth, and in which words it refuses.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  directory,
  env,
  FIRST,
  host,
  inside,
  onHost,
  output,
  root,
  run,
  serve,
  server,
  sh,
  shared,
  start,
  stepArgs,
  world,
} from "./testing.ts";

const BOXES = Number(process.env.BOXES ?? 12); // how many start at once

describe("on the bridge", () => {
  test("a box reaches the world by IPv6 too, in the host's name", async () => {
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

describe("another network", () => {
  const namespace = (pid: number | string): number => statSync(`/proc/${pid}/ns/net`).ino;
  const own = "/usr/bin/readlink /proc/self/ns/net";

  test("host: the host's, with its name servers", () => {
    const seen = output([...shared, "--network", "host"], `cat /etc/resolv.conf; ${own}`);
    expect(seen).toBe(
      `${readFileSync("/etc/resolv.conf", "utf8")}net:[${statSync(`/proc/${host}/ns/net`).ino}]`,
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
