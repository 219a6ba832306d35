// What every page does beyond being read.
import "./progress.js";
import "./contents.js";
import "./copy.js";
import "./cast.js";
import { bindKeys } from "./keys.js";
import { base, load } from "./load.js";
import { toggleTheme } from "./theme.js";

const follow = (selector) => () => document.querySelector(selector)?.click();

async function search() {
  await Promise.all([load("assets/search-index.js"), load("assets/search.js")]);
  globalThis.openSearch(base);
}

bindKeys([
  [["/"], "search", search],
  [["ArrowRight", "n"], "next page", follow(".turn .next")],
  [["ArrowLeft", "p"], "previous page", follow(".turn .previous")],
  [["s"], "slides of this lesson", follow("[data-slides]")],
  [["h"], "first page", follow(".brand")],
  [["t"], "light or dark", toggleTheme],
]);

for (const button of document.querySelectorAll("[data-search]")) button.addEventListener("click", search);

addEventListener("keydown", (event) => {
  if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  search();
});

// What is folded on the screen is not on paper.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
