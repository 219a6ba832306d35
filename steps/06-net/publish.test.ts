// Published ports, from everywhere, by both versions of IP.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  ask,
  type Box,
  directory,
  FIRST,
  host,
  onHost,
  output,
  run,
  serve,
  server,
  sh,
  shared,
  start,
  world,
} from "./testing.ts";

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

  test("on 0.0.0.0 are those of every IPv4 address, on :: those of every IPv6 address", async () => {
    const ports = ["--publish", "0.0.0.0:8083:80", "--publish", "[::]:8084:80"];
    const box = await start([...shared, ...ports], server(80));
    expect(ask(world, "tcp", "203.0.113.2", 8083)).toBe("203.0.113.1");
    expect(ask(host, "tcp", "127.0.0.1", 8083)).toBe("10.44.0.1");
    expect(ask(world, "tcp", "2001:db8::2", 8084)).toBe("2001:db8::1");
    expect(ask(world, "tcp", "203.0.113.2", 8084)).not.toBe("203.0.113.1");
    await box.end();
  });

  const ownPort = (box: Box, protocol: "tcp" | "udp") =>
    sh(
      `nsenter -t ${box.pid} -n ${process.execPath} ${directory}/talk.mjs ${protocol} 8080 203.0.113.2`,
    ).trim();

  test("whether or not bridges pass packets to iptables", async ({ skip }) => {
    if (!existsSync("/proc/sys/net/bridge")) skip("takes the kernel module br_netfilter");
    const key = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    const was = onHost(`cat ${key}; echo 0 >${key}`);
    const box = await start([...shared, ...publish], server(80));
    expect(ownPort(box, "tcp")).toBe("10.44.0.1");
    expect(output(shared, "/node /t/talk.mjs tcp 8080 203.0.113.2")).toBe("10.44.0.1");
    onHost(`echo ${was.trim()} >${key}`);
    await box.end();
  });

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
