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
  made.innerHTML = `<input type="search" placeholder="Search the lessons" aria-label="Search the lessons" autocomplete="off"
    spellcheck="false"><p role="status"></p><ol class="results"></ol>`;
  const input = made.querySelector("input");
  input.addEventListener("input", () => show(made, input.value.trim(), base));
  made.addEventListener("keydown", (event) => move(made, event));
  made.addEventListener("click", (event) => {
    if (event.target === made || event.target.closest(".results a")) made.close();
  });
  document.body.append(made);
  return made;
}

function show(made, query, base) {
  const options = { prefix: true, fuzzy: 0.15, boost: { heading: 3 }, combineWith: "AND" };
  const found = query ? index.search(query, options) : [];
  const shown = found.slice(0, MOST);
  made.querySelector("ol").innerHTML = shown.map((each) => result(each, base)).join("");
  made.querySelector("[role=status]").textContent = query && status(found.length, query);
}

function status(count, query) {
  if (count === 0) return `Nothing about “${query}”.`;
  return count > MOST
    ? `The best ${MOST} of ${count} sections`
    : `${count} ${count === 1 ? "section" : "sections"}`;
}

const result = ({ id, heading, page, text, terms }, base) =>
  `<li><a href="${base}${id}"><b>${mark(heading, terms)}</b> <span>${heading === page ? "" : escapeText(page)}</span>
   <small>${mark(excerpt(text, terms), terms)}</small></a></li>`;

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

/** Enter opens the first result, or the one that the arrows have gone to. */
function move(made, event) {
  const places = [made.querySelector("input"), ...made.querySelectorAll(".results a")];
  const now = places.indexOf(document.activeElement);
  if (event.key === "ArrowDown") places[now + 1]?.focus();
  else if (event.key === "ArrowUp") places[now - 1]?.focus();
  else if (event.key === "Enter" && now === 0) places[1]?.click();
  else return;
  event.preventDefault();
}
