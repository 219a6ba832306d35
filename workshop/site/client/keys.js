// Keys: one table says what they do, for the reader who presses `?` and for the page.
import { recall, remember } from "./store.js";

const off = () => recall("keys-off", false);

/** `bindings`: lists of [keys, what they do, action]. `?` shows them. */
export function bindKeys(bindings) {
  const dialog = keysDialog(bindings);
  const all = [...bindings, [["?"], "", () => dialog.showModal()]];
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (off() && event.key !== "?") return;
    const action = all.find(([keys]) => keys.includes(event.key))?.[2];
    if (!action || (event.key.startsWith("Arrow") && event.target.closest?.("pre"))) return;
    event.preventDefault();
    action();
  });
  for (const button of document.querySelectorAll("[data-keys]"))
    button.addEventListener("click", () => dialog.showModal());
}

const isTyping = (element) => element.matches("input:not([type=checkbox]), textarea, select");

const NAMES = { ArrowLeft: "←", ArrowRight: "→", " ": "space", PageUp: "page ↑", PageDown: "page ↓" };

function keysDialog(bindings) {
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-label", "Keys");
  const rows = bindings.map(([keys, what]) => `<dt>${keys.map(cap).join(" ")}</dt><dd>${what}</dd>`);
  dialog.innerHTML = `<h2>Keys</h2><dl>${rows.join("")}</dl>
    <p><label><input type="checkbox"> Keys work on this site</label></p>
    <form method="dialog"><button>Close</button></form>`;
  const box = dialog.querySelector("input");
  box.checked = !off();
  box.addEventListener("change", () => remember("keys-off", box.checked ? undefined : true));
  document.body.append(dialog);
  return dialog;
}

const cap = (key) => `<kbd class="key">${NAMES[key] ?? key}</kbd>`;
