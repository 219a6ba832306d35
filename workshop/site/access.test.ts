// What axe finds on every kind of page, light and dark, on a desk and on a phone: nothing.
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noBrowser, type Stage, setStage } from "./testing.ts";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

const PAGES = [
  "index.html",
  "04-root.html",
  "readme.html",
  "slides/04.html#3",
  "slides/04.html?presenter#3",
  "source/steps/04-mnt-chroot/main.ts.html",
];

test.for([
  ["light", 1440],
  ["dark", 1440],
  ["light", 390],
] as const)("%s, %i pixels wide", async ([colorScheme, width], { skip }) => {
  if (noBrowser) skip(noBrowser);
  const context = await stage.reader({
    colorScheme,
    viewport: { width, height: 900 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  for (const address of width < 1000 ? PAGES.slice(0, 2) : PAGES) {
    await page.goto(stage.files + address);
    expect.soft(await problems(), address).toEqual([]);
  }
  await page.goto(`${stage.files}04-root.html`);
  for (const question of await page.locator("summary").all()) await question.click();
  await page.keyboard.press("/");
  await page.getByRole("searchbox").fill("mount");
  await page.locator(".results a").first().waitFor();
  expect.soft(await problems(), "search").toEqual([]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  expect.soft(await problems(), "keys").toEqual([]);
  await context.close();

  async function problems(): Promise<string[]> {
    await page.addScriptTag({ path: axe });
    const { violations } = await page.evaluate<Found>("axe.run({ resultTypes: ['violations'] })");
    return violations.flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target }) => `${impact}: ${id} at ${target}`),
    );
  }
});

type Found = { violations: { id: string; impact: string; nodes: { target: string[] }[] }[] };
