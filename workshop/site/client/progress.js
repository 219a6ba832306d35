// What has been read, and where the reader was: marks in the navigation, a way back on the first page.
import { recall, remember } from "./store.js";

const page = document.documentElement.dataset.page;
const end = document.querySelector(".turn");

for (const item of document.querySelectorAll("[data-lesson]")) mark(item);
if (document.querySelector("article.lesson")) {
  noteWhereWeAre();
  noteTheEnd();
}
offerToContinue();

function mark(item) {
  const read = recall("read", []).includes(item.dataset.lesson);
  item.classList.toggle("is-read", read);
  item.querySelector(".read")?.toggleAttribute("hidden", !read);
}

/** A lesson is read when its end has been seen. */
function noteTheEnd() {
  new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    remember("read", [...new Set([...recall("read", []), page])]);
    for (const item of document.querySelectorAll(`[data-lesson="${page}"]`)) mark(item);
  }).observe(end);
}

function noteWhereWeAre() {
  const title = document.querySelector("h1").textContent;
  remember("place", { page, title });
  addEventListener("section", ({ detail }) => remember("place", { page, title, ...detail }));
}

function offerToContinue() {
  const link = document.querySelector("[data-continue]");
  const place = recall("place");
  if (!link || !place) return;
  link.href = `${place.page}.html${place.id ? `#${place.id}` : ""}`;
  link.textContent = `Continue: ${place.title}${place.section ? ` · ${place.section}` : ""}`;
  link.hidden = false;
}
