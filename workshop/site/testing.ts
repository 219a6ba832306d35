// What the tests of the site share: the site of the fixture on disk and on a server, and a real browser.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";
import { writeSite } from "./build.ts";
import { makeSite, type Site } from "./site.ts";

export const fixture = join(import.meta.dirname, "fixture", "lessons");

const executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);

/** Why a test that needs a browser is skipped, if it is. */
export const noBrowser = executable ? undefined : "no chromium: apt-get install chromium";

export type Stage = {
  site: Site;
  /** Addresses of the site's first folder: as files, and below a path of a server. */
  files: string;
  served: string;
  /** A window of a reader who was never here before; closed with the stage. */
  reader: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  close: () => Promise<void>;
};

/** The site of `lessons` on disk, on a server below /sub/path/, and a browser if there is one. */
export async function setStage(lessons = fixture): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "site-"));
  const site = await makeSite(lessons);
  writeSite(site, folder);
  const server = await serveFolder(folder, "/sub/path/");
  const browser = executable && (await launch(executable));
  return {
    site,
    files: `file://${folder}/`,
    served: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sub/path/`,
    reader: (options = {}) => (browser as Browser).newContext(options),
    close: async () => {
      if (browser) await browser.close();
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Root has no sandbox in chromium, and the machine may have little shared memory. */
const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });

const TYPES: Record<string, string> = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript" };

async function serveFolder(folder: string, below: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://localhost").pathname;
    const file = join(folder, path.slice(below.length));
    if (!path.startsWith(below) || !existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain" }).end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
