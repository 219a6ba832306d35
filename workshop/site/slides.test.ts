// Slides on the stage, in the speaker's window, on paper: in a real browser.
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repository } from "../../lib/paths.ts";
import { blocksOf } from "./blocks.ts";
import { makeSite } from "./site.ts";
import { slidesOf } from "./slides.ts";
import { fixture, noBrowser, type Stage, setStage } from "./testing.ts";

test("a slide has the blocks after its mark, the nearest heading, and the notes of its section", () => {
  const notes = "<details><summary>Speaker notes</summary>\n\nsay it\n\n</details>";
  const text = `## One\n\n<!-- slide 2 -->\n\n### Inner\n\na\n\nb\n\nc\n\n## Two\n\n${notes}\n\n### Three\n\n<!-- slide -->\n\nd\n\n## Four\n\n<!-- slide -->\ne`;
  const slides = slidesOf({ name: "x", file: "x.md", title: "x", blocks: blocksOf(text), terminals: 1 });
  const shown = slides.map(({ title, blocks, notes }) => [title, blocks.length, notes.length]);
  expect(shown).toEqual([
    ["Inner", 2, 0],
    ["Three", 1, 1],
    ["Four", 1, 0],
  ]);
});

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

test.for([
  ["the book", join(repository, "lessons")],
  ["the fixture", fixture],
] as const)(
  "in %s no slide is larger than 1280 x 720, and none has type smaller than 14 px",
  async ([, lessons], { skip }) => {
    if (noBrowser) skip(noBrowser);
    const site = await makeSite(lessons);
    const decks = [...site.keys()].filter((address) => address.startsWith("slides/"));
    const page = await (await stage.reader({ viewport: { width: 1280, height: 720 } })).newPage();
    await page.route("http://site/**", (route) => {
      const { pathname } = new URL(route.request().url());
      return route.fulfill({
        body: site.get(pathname.slice(1))!,
        contentType: pathname.endsWith("css") ? "text/css" : "text/html",
      });
    });
    const wrong: string[] = [];
    for (const address of decks) {
      await page.goto(`http://site/${address}`);
      await page.addScriptTag({ path: join(import.meta.dirname, "client", "overflow.js") });
      wrong.push(...(await page.evaluate<string[]>("overflowing()")).map((slide) => `${address}: ${slide}`));
    }
    expect(wrong).toEqual([]);
  },
);

test.for(["files", "served"] as const)(
  "%s: the speaker's window has the notes, and both windows go together",
  async (where, { skip }) => {
    if (noBrowser) skip(noBrowser);
    const context = await stage.reader({ viewport: { width: 1280, height: 720 } });
    const audience = await context.newPage();
    await audience.goto(`${stage[where]}slides/04.html`);
    const opened = context.waitForEvent("page");
    await audience.keyboard.press("ArrowRight");
    await audience.keyboard.press("p");
    const speaker = await opened;
    await speaker.getByText("2 of 5").waitFor();
    await speaker.getByRole("button", { name: "Next" }).click();
    await titled(audience, "Attempt 2");
    await speaker.getByText("Ask first: what will").waitFor();
    expect(await audience.getByText("Ask first").isVisible()).toBe(false);
    await audience.keyboard.press(" ");
    await titled(speaker, "The code");
    expect(await speaker.locator(".slide.coming h2").innerText()).toBe("The code");
    expect(await speaker.locator(".time").innerText()).toMatch(/^0:0\d\s+of 30 minutes · slide 4 of 5/);
    await context.close();
  },
);

const titled = (page: Page, title: string) => page.locator(".slide.current h2", { hasText: title }).waitFor();

test("keys move, and the address remembers the slide", async ({ skip }) => {
  if (noBrowser) skip(noBrowser);
  const page = await (await stage.reader()).newPage();
  await page.goto(`${stage.files}slides/04.html#3`);
  await titled(page, "Attempt 2");
  await page.keyboard.press("End");
  await expect.poll(() => page.url()).toContain("#5");
  await page.keyboard.press("Home");
  await titled(page, "A root of its own");
});

test("on paper each slide has a page", async ({ skip }) => {
  if (noBrowser) skip(noBrowser);
  const page = await (await stage.reader()).newPage();
  await page.goto(`${stage.files}slides/04.html`);
  const paper = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  expect(paper.toString("latin1").match(/\/Type \/Page\b/g)).toHaveLength(5);
});

test("without JavaScript all slides are there, one below the other", async ({ skip }) => {
  if (noBrowser) skip(noBrowser);
  const page = await (await stage.reader({ javaScriptEnabled: false })).newPage();
  await page.goto(`${stage.files}slides/04.html`);
  expect(await page.locator(".slide").locator("visible=true").count()).toBe(5);
});
