// What a reader does with the site, in a real browser, from files and from below a path of a server.
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noBrowser, type Stage, setStage } from "./testing.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

/** A test with a new reader's page. */
const read = (
  title: string,
  body: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): void =>
  test(title, async ({ skip }) => {
    if (noBrowser) skip(noBrowser);
    const reader = await stage.reader({
      viewport: { width: 1440, height: 900 },
      reducedMotion: "reduce",
      ...options,
    });
    await body(await reader.newPage());
    await reader.close();
  });

const TEXT = "04-root.html";
const has = (page: Page, name: string) => page.waitForURL(({ href }) => href.includes(name));

describe.each(["files", "served"] as const)("%s", (where) => {
  read("every kind of page loads all it needs, and nothing from elsewhere", async (page) => {
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("requestfailed", (request) => wrong.push(`failed: ${request.url()}`));
    page.on("request", (request) => {
      if (!request.url().startsWith(stage[where]) && !request.url().startsWith("data:"))
        wrong.push(request.url());
    });
    page.on("response", (response) => {
      if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`);
    });
    for (const address of [
      "index.html",
      TEXT,
      "readme.html",
      "slides/04.html",
      "source/steps/02-uts/main.ts.html",
    ]) {
      await page.goto(stage[where] + address);
      const font = await page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily");
      expect(font, address).toContain("Charter");
    }
    expect(wrong).toEqual([]);
  });

  read("search finds a section, and opens it", async (page) => {
    await page.goto(`${stage[where]}source/steps/02-uts/main.ts.html`);
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("busy detached");
    await page.getByRole("link", { name: "Questions A root" }).waitFor();
    await page.keyboard.press("Enter");
    await has(page, `${TEXT}#questions`);
    await page.keyboard.press("Control+k");
    await page.getByRole("searchbox").fill("zzzz");
    await page.getByText("Nothing about “zzzz”.").waitFor();
  });

  read("a recording is played when asked for, and its player is not loaded before", async (page) => {
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(request.url()));
    await page.goto(stage[where] + TEXT);
    await page.waitForLoadState("networkidle");
    expect(loaded.filter((each) => /player|casts/.test(each))).toEqual([]);
    await page.getByRole("button", { name: /^Watch/ }).click();
    await page
      .locator(".xterm-rows", { hasText: "bin dev etc" })
      .or(page.getByText("bin  dev  etc"))
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Again" }).waitFor();
  });
});

read("copy takes the commands, without prompts and answers", async (page) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(stage.served + TEXT);
  const copied = async (figure: string): Promise<string> => {
    await page.locator(figure).first().getByRole("button", { name: "Copy" }).click();
    return page.evaluate("navigator.clipboard.readText()");
  };
  expect(await copied(".console")).toBe(
    'tsx steps/04-mnt-chroot/attempt-1.ts run sh\nls /\necho "$$" && \\\nhostname\nexit\necho $?',
  );
  expect(await copied(".code")).toMatch(/^\/\*\* Recipe: `root`[\s\S]*\n {2}chdir\("\/"\),\n\];\n$/);
  expect(await page.locator(".diff").getByRole("button").count()).toBe(0);
});

read("lines typed in a box are marked, and where it ends", async (page) => {
  await page.goto(stage.files + TEXT);
  const inside = await page.locator(".console .inside").first().innerText();
  expect(inside).toMatch(/^\/ # ls \/\n[\s\S]*\/ # exit\s*$/);
  expect(await page.locator(".console").first().locator("figcaption").innerText()).toContain("in the box");
});

read("keys turn pages, and `?` tells which there are", async (page) => {
  await page.goto(stage.files + TEXT);
  await page.keyboard.press("?");
  expect(await page.getByRole("dialog").innerText()).toContain("next page");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("ArrowRight");
  await has(page, "05-limits.html");
  await page.keyboard.press("ArrowLeft");
  await has(page, TEXT);
  await page.keyboard.press("s");
  await has(page, "slides/04.html");
  await page.keyboard.press("Escape");
  await has(page, TEXT);
});

read("keys can be switched off", async (page) => {
  await page.goto(stage.files + TEXT);
  await page.keyboard.press("?");
  await page.getByLabel("Keys work on this site").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  expect(page.url()).toContain(TEXT);
});

read("the theme follows the system until the reader decides", async (page) => {
  const dark = () => page.evaluate("getComputedStyle(document.body).backgroundColor === 'rgb(23, 24, 27)'");
  await page.goto(stage.files + TEXT);
  expect(await dark()).toBe(false);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await dark()).toBe(true);
  await page.keyboard.press("t");
  expect(await dark()).toBe(false);
  await page.goto(`${stage.files}slides/04.html`);
  expect(await dark()).toBe(false);
  await page.keyboard.press("t");
  await page.emulateMedia({ colorScheme: "light" });
  expect(await dark()).toBe(false);
});

read("pictures have the colours of the theme", async (page) => {
  const ink = () => page.evaluate("getComputedStyle(document.querySelector('.diagram text')).fill");
  await page.goto(stage.files + TEXT);
  const light = await ink();
  await page.keyboard.press("t");
  expect(await ink()).not.toBe(light);
});

read("what was read is marked, and the first page leads back to where the reader was", async (page) => {
  await page.goto(stage.files + TEXT);
  await page.evaluate("document.querySelector('#the-code').scrollIntoView()");
  await page.locator(".contents a.here", { hasText: "The code" }).waitFor();
  await page.goto(`${stage.files}index.html`);
  expect(await page.locator(".side .is-read").count()).toBe(0);
  await page.getByRole("link", { name: "Continue: A root of its own · The code" }).click();
  await has(page, `${TEXT}#the-code`);
  await page.evaluate("scrollTo(0, document.body.scrollHeight)");
  await page.locator(".side .is-read", { hasText: "A root of its own" }).waitFor();
  await page.goto(`${stage.files}index.html`);
  expect(await page.locator(".index .is-read").count()).toBe(1);
});

read(
  "without JavaScript it can be read, on a phone too, and offers nothing that would not work",
  async (page) => {
    await page.goto(stage.files + TEXT);
    expect(await page.getByRole("heading", { name: "What the kernel did" }).isVisible()).toBe(true);
    for (const button of await page.locator(".needs-script").all())
      expect(await button.isVisible()).toBe(false);
    await page.getByText("What would chroot have left?").click();
    expect(await page.getByText("one fchdir away").isVisible()).toBe(true);
    expect(await page.locator("#lessons").isVisible()).toBe(false);
    await page.getByRole("button", { name: "Lessons" }).click();
    await page.locator("#lessons").getByRole("link", { name: "Limits" }).click();
    await has(page, "05-limits.html");
  },
  { javaScriptEnabled: false, viewport: { width: 390, height: 800 } },
);

read(
  "no page is wider than a phone",
  async (page) => {
    for (const address of ["index.html", TEXT, "readme.html", "source/steps/04-mnt-chroot/rootfs.ts.html"]) {
      await page.goto(stage.files + address);
      expect(await page.evaluate("document.documentElement.scrollWidth"), address).toBe(360);
    }
  },
  { viewport: { width: 360, height: 740 } },
);

read("on paper there is the text alone, unfolded", async (page) => {
  await page.goto(stage.files + TEXT);
  await page.emulateMedia({ media: "print" });
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  expect(await page.locator(".side, .turn, .copy").locator("visible=true").count()).toBe(0);
  expect(await page.getByText("Every mount of the host").isVisible()).toBe(true);
});

read("notes are in the margin where there is one", async (page) => {
  await page.goto(stage.files + TEXT);
  const left = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((e) => e.getBoundingClientRect().left);
  const right = () => page.locator("#try-it").evaluate((e) => e.getBoundingClientRect().right);
  expect(await left(".note.aside")).toBeGreaterThan(await right());
  await page.setViewportSize({ width: 1000, height: 800 });
  expect(await left(".note.aside")).toBeLessThan(await right());
});
