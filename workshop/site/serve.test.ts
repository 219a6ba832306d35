// npm run lessons and npm run site, as commands: addresses, changes, and what is wrong in one line.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveSite } from "./serve.ts";

let text = "before";
let served: Awaited<ReturnType<typeof serveSite>>;
let address: string;

beforeAll(async () => {
  served = await serveSite(async () => {
    if (text === "broken") throw new Error("the link to nowhere.md leads nowhere");
    return new Map([
      ["index.html", text],
      ["slides/04.html", "a slide"],
      ["assets/site.css", "body {}"],
    ]);
  });
  address = `http://127.0.0.1:${(served.server.address() as AddressInfo).port}`;
});
afterAll(() => {
  served.server.closeAllConnections();
  served.server.close();
});

const get = async (path: string): Promise<[number, string]> => {
  const response = await fetch(address + path);
  return [response.status, await response.text()];
};

test("addresses need no ending, and nothing else is served", async () => {
  expect(await get("/")).toEqual([200, expect.stringContaining("before")]);
  expect(await get("/slides/04")).toEqual([200, expect.stringContaining("a slide")]);
  expect(await get("/assets/site.css")).toEqual([200, "body {}"]);
  expect((await get("/../package.json"))[0]).toBe(404);
  expect((await get("/%"))[0]).toBe(404);
  expect((served.server.address() as AddressInfo).address).toBe("127.0.0.1");
});

test("a change reaches open pages, and so does what is wrong", async () => {
  const changes = (await fetch(`${address}/changes`)).body!.getReader();
  text = "after";
  served.changed();
  expect(new TextDecoder().decode((await changes.read()).value)).toBe("data:\n\n");
  expect((await get("/"))[1]).toContain("after");
  text = "broken";
  served.changed();
  await changes.read();
  expect(await get("/")).toEqual([500, expect.stringContaining("leads nowhere")]);
  await changes.cancel();
});

test("what is wrong from the beginning is told, and a reader waits for its cure", async () => {
  let site: Promise<Map<string, string>> = Promise.reject(new Error("a lesson has no title"));
  const { server, changed } = await serveSite(() => site);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const first = await fetch(url);
  expect([first.status, await first.text()]).toEqual([500, expect.stringContaining("a lesson has no title")]);
  site = Promise.resolve(new Map([["index.html", "cured"]]));
  changed();
  expect(await (await fetch(url)).text()).toContain("cured");
  server.closeAllConnections();
  server.close();
});

const tsx = (file: string, ...args: string[]): string[] => [
  "--import",
  import.meta.resolve("tsx"),
  join(import.meta.dirname, file),
  ...args,
];

test("npm run lessons says where, and Ctrl-C ends it", async () => {
  const child = spawn(process.execPath, tsx("serve.ts"));
  const [line] = await once(child.stdout, "data");
  const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(`${line}`)!;
  expect(await (await fetch(url)).text()).toContain("<h1>Linux Containers DIY</h1>");
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([null, "SIGINT"]);
});

test("npm run site writes where it is told", () => {
  const folder = mkdtempSync(join(tmpdir(), "site-"));
  const { stdout } = spawnSync(process.execPath, tsx("build.ts", "--to", folder), { encoding: "utf8" });
  expect(stdout).toMatch(/^\d+ files in .*: open .*index\.html\n$/);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(["index.html", "assets", "readme.html"]));
  expect(existsSync(join(folder, "assets", "search-index.js"))).toBe(true);
  rmSync(folder, { recursive: true });
});

test.each([
  ["serve.ts", ["--port", "banana"], "box: --port: expected a whole number from 0 to 65535, got 'banana'"],
  ["serve.ts", ["--host", "x"], "box: Unknown option '--host'"],
  ["build.ts", ["--to", "/dev/null/x"], "box: ENOTDIR: not a directory, mkdir '/dev/null/x'"],
])("%s %s: one line says what is wrong", (file, args, says) => {
  const { status, stderr } = spawnSync(process.execPath, tsx(file, ...args), { encoding: "utf8" });
  expect(stderr).toMatch(/^.*\n$/);
  expect(stderr).toContain(says);
  expect(status).toBe(125);
});

test("a port in use is said so", () => {
  const { port } = served.server.address() as AddressInfo;
  const { stderr } = spawnSync(process.execPath, tsx("serve.ts", "--port", `${port}`), { encoding: "utf8" });
  expect(stderr).toBe(`box: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
});
