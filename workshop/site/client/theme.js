// Light or dark: the system's choice, until the reader makes another. Choosing what the system has means following it.
import { remember } from "./store.js";

const root = document.documentElement;
const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

/** Changes light to dark and back. */
export function toggleTheme() {
  const shown = root.dataset.theme ?? system();
  const wanted = shown === "dark" ? "light" : "dark";
  if (wanted === system()) delete root.dataset.theme;
  else root.dataset.theme = wanted;
  remember("theme", root.dataset.theme);
}

for (const button of document.querySelectorAll("[data-theme-toggle]"))
  button.addEventListener("click", toggleTheme);
