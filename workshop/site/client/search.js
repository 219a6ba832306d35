// Search in all lessons, without a server: the index was made with the site.
import MiniSearch from "minisearch";
import { FIELDS } from "../search-fields.ts";

const MOST = 12;
let dialog;
let index;

globalThis.openSearch = (base) => {
  index ??= MiniSearch.loadJSON(globalThis.searchIndex, FIELDS);
  dialog ??= makeDialog(base);
  dialog.showModal();
  dialog.querySelector("input").select();
};

function makeDialog(base) {
  const made = document.createElement("dialog");
  made.className = "search";
  made.setAttribute("aria-label", "Search");
  made.innerHTML = `<input type="search" placeholder="Search the lessons" aria-label="Search the lessons" role="combobox"
      aria-expanded="true" aria-controls="results" autocomplete="off" spellcheck="false">
    <ul class="results" id="results" role="listbox" aria-label="Results"></ul><p role="status"></p>`;
  const input = made.querySelector("input");
  input.addEventListener("input", () => show(made, input.value.trim(), base));
  made.addEventListener("keydown", (event) => choose(made, event));
  made.addEventListener("click", (event) => {
    if (event.target === made || event.target.closest(".results a")) made.close();
  });
  document.body.append(made);
  return made;
}

function show(made, query, base) {
  const options = { prefix: true, fuzzy: 0.15, boost: { heading: 3 }, combineWith: "AND" };
  const found = query ? index.search(query, options).slice(0, MOST) : [];
  made.querySelector("ul").innerHTML = found.map((each, i) => result(each, i, base)).join("");
  made.querySelector("p").textContent = query && found.length === 0 ? `Nothing about “${query}”.` : "";
  select(made, 0);
}

const result = ({ id, heading, page, text, terms }, i, base) =>
  `<li role="option" id="result-${i}"><a href="${base}${id}" tabindex="-1"><b>${mark(heading, terms)}</b>
   <small>${escapeText(page)}</small><small>${mark(excerpt(text, terms), terms)}</small></a></li>`;

/** The words around the first term. */
function excerpt(text, terms) {
  const at = Math.max(0, text.toLowerCase().indexOf(terms[0] ?? ""));
  const start = at < 50 ? 0 : text.indexOf(" ", at - 50) + 1;
  return `${start > 0 ? "… " : ""}${text.slice(start, start + 150)}${text.length > start + 150 ? " …" : ""}`;
}

function mark(text, terms) {
  if (terms.length === 0) return escapeText(text);
  const any = new RegExp(`(${terms.map((term) => term.replace(/\W/g, "\\$&")).join("|")})`, "gi");
  return text
    .split(any)
    .map((part, i) => (i % 2 ? `<mark>${escapeText(part)}</mark>` : escapeText(part)))
    .join("");
}

const escapeText = (text) => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);

function choose(made, event) {
  const all = [...made.querySelectorAll("li")];
  const now = all.findIndex((each) => each.ariaSelected === "true");
  if (event.key === "ArrowDown") select(made, Math.min(now + 1, all.length - 1));
  else if (event.key === "ArrowUp") select(made, Math.max(now - 1, 0));
  else if (event.key === "Enter") all[now]?.querySelector("a").click();
  else return;
  event.preventDefault();
}

function select(made, wanted) {
  const all = [...made.querySelectorAll("li")];
  for (const [i, each] of all.entries()) each.ariaSelected = String(i === wanted);
  all[wanted]?.scrollIntoView({ block: "nearest" });
  made.querySelector("input").setAttribute("aria-activedescendant", all[wanted]?.id ?? "");
}
