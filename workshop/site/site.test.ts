// The site as data: that its links lead somewhere, that its pages are light, that it has what the lessons have.
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { repository } from "../../lib/paths.ts";
import { locate } from "./files.ts";
import { makeSite, type Site } from "./site.ts";
import { fixture } from "./testing.ts";

const HEAVIEST = 300_000; // bytes of a page with all that it loads

describe.each([
  ["the book", join(repository, "lessons")],
  ["the fixture", fixture],
])("%s", (_, lessons) => {
  let site: Site;
  beforeAll(async () => {
    site = await makeSite(lessons);
  });

  test("every link leads to a page, and to a place that it has", () => {
    const broken = pagesOf(site).flatMap(([address, page]) =>
      linksIn(page)
        .filter((link) => !leadsSomewhere(site, address, link))
        .map((link) => `${address}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  test("no id is there twice on a page", () => {
    const twice = pagesOf(site).flatMap(([address, page]) =>
      idsIn(page)
        .filter((id, i, all) => all.indexOf(id) !== i)
        .map((id) => `${address}: ${id}`),
    );
    expect(twice).toEqual([]);
  });

  test(`no page with what it loads is heavier than ${HEAVIEST} bytes`, () => {
    const weights = pagesOf(site).map(([address, page]) => [address, weigh(site, address, page)] as const);
    expect(weights.filter(([, weight]) => weight > HEAVIEST)).toEqual([]);
    expect(weights.every(([, weight]) => weight > 10_000)).toBe(true);
  });

  test("no mark of slides or notes is left on a page", () => {
    for (const [address, page] of pagesOf(site)) {
      expect.soft(page, address).not.toMatch(/<!-- slide|Speaker notes/);
    }
  });
});

test("what the speaker shall say is among the slides, and on no page", async () => {
  const site = await makeSite(fixture);
  const saying = [...site]
    .filter(([, text]) => text.includes("two minutes, no more"))
    .map(([address]) => address);
  expect(saying).toEqual(["slides/04.html"]);
});

test("a broken link, a missing region and a picture that is none stop the build", async () => {
  expect(() => locate("steps/04-mnt-chroot/rootfs.ts#nothing")).toThrow("has no region nothing");
  await expect(makeSite(join(import.meta.dirname, "broken"))).rejects.toThrow(
    "workshop/site/broken/04-links.md: the link to 05-missing.md leads nowhere",
  );
});

const pagesOf = (site: Site): [string, string][] =>
  [...site].filter(([address]) => address.endsWith(".html"));

const linksIn = (page: string): string[] =>
  [...page.matchAll(/\b(?:href|src)="([^"]+)"/g)]
    .map((found) => found[1]!)
    .filter((link) => !/^[a-z]+:/.test(link));

const idsIn = (page: string): string[] => [...page.matchAll(/\sid="([^"]+)"/g)].map((found) => found[1]!);

const target = (address: string, link: string): URL => new URL(link, `http://site/${address}`);

function leadsSomewhere(site: Site, address: string, link: string): boolean {
  const { pathname, hash } = target(address, link);
  const page = site.get(pathname.slice(1));
  return (
    page !== undefined && (!hash || hash === "#" || idsIn(page).includes(decodeURIComponent(hash.slice(1))))
  );
}

function weigh(site: Site, address: string, page: string): number {
  const loaded = [...page.matchAll(/<(?:script[^>]* src|link rel="stylesheet" href)="([^"]+)"/g)].map(
    (found) => site.get(target(address, found[1]!).pathname.slice(1))!,
  );
  return [page, ...loaded].reduce((sum, each) => sum + Buffer.byteLength(each), 0);
}
