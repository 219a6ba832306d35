// npm run lessons: the site on this machine, made anew whenever a lesson, a step or the site itself changes.
import { existsSync, watch } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { repository } from "../../lib/paths.ts";
import { reportAndExit, UsageError } from "../../lib/report.ts";
import { whole } from "../../lib/values.ts";
import { readWords } from "../words.ts";
import { makeSite, type Site } from "./site.ts";

const TYPES: Record<string, string> = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };
const WATCHED = ["lessons", "steps", "native", "README.md", "workshop/site"];
const RELOAD = `<script>new EventSource("/changes").onmessage=()=>location.reload()</script>`;

/** Serves the site that `make` makes on 127.0.0.1; `changed` makes it anew and has open pages load again. */
export async function serveSite(
  make: () => Promise<Site>,
  port = 0,
): Promise<{ server: Server; changed: () => void }> {
  let site: Promise<Site>;
  const readers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    if (request.url === "/changes") return listen(request, response, readers);
    site.then(
      (pages) => answer(pages, request, response),
      (error) =>
        response.writeHead(500, { "content-type": "text/html" }).end(`<pre>${error.message}</pre>${RELOAD}`),
    );
  });
  const changed = () => {
    site = make();
    site
      .catch((error) => console.error(error.message))
      .then(() => {
        for (const each of readers) each.write("data:\n\n");
      });
  };
  changed();
  await new Promise<void>((resolve, reject) => server.on("error", reject).listen(port, "127.0.0.1", resolve));
  return { server, changed };
}

function listen(request: IncomingMessage, response: ServerResponse, readers: Set<ServerResponse>): void {
  response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  readers.add(response);
  request.on("close", () => readers.delete(response));
}

/** `/` is the first page, and `.html` need not be said. */
function answer(site: Site, request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request.url ?? "/");
  const address = [path, `${path}.html`, `${path}index.html`].find((each) => site.has(each));
  if (address === undefined) return void response.writeHead(404).end(`There is no ${path}\n`);
  const type = TYPES[extname(address)] ?? "text/plain";
  response.writeHead(200, { "content-type": `${type}; charset=utf-8` });
  response.end(site.get(address)! + (type === "text/html" ? RELOAD : ""));
}

/** Without the first slash. What is no address, like `/%`, is looked for as it is, and not found. */
function pathOf(address: string): string {
  try {
    return decodeURIComponent(new URL(address, "http://localhost").pathname).slice(1);
  } catch {
    return address;
  }
}

/** Calls `changed` when files have changed, once for many at a time. */
function watchFiles(changed: () => void): void {
  let waiting: NodeJS.Timeout | undefined;
  for (const path of WATCHED.map((each) => join(repository, each)).filter(existsSync))
    watch(path, { recursive: true }, () => {
      clearTimeout(waiting);
      waiting = setTimeout(changed, 100);
    });
}

const usage = `usage: npm run lessons -- [--port PORT]

Serves the lessons on 127.0.0.1 until Ctrl-C, and shows what changes in them at once. PORT: one that is free.
`;

async function main(): Promise<void> {
  const { given, words } = readWords({ port: { type: "string" }, help: { type: "boolean" } });
  if (given.help) return void process.stdout.write(usage);
  if (words.length > 0) throw new UsageError(`expected no words, got '${words.join(" ")}': see -- --help`);
  const port = whole(0, 65535)(String(given.port ?? 0), "port");
  const { server, changed } = await serveSite(makeSite, port);
  watchFiles(changed);
  console.log(`The lessons: http://127.0.0.1:${(server.address() as AddressInfo).port}/   (Ctrl-C ends it)`);
}

if (process.argv[1] === import.meta.filename) {
  process.on("uncaughtException", reportAndExit);
  await main();
}
