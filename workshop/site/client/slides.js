// One slide at a time, by keys; and, in a window of its own, what the speaker needs. Both windows move together.
import { fit } from "./fit.js";
import { bindKeys } from "./keys.js";
import { presenter } from "./presenter.js";
import { toggleTheme } from "./theme.js";

const root = document.documentElement;
const slides = [...document.querySelectorAll(".slide")];
const channel = new BroadcastChannel(`slides-${root.dataset.lesson}`);
const speaker = location.search === "?presenter";
const view = speaker ? presenter(slides, (step) => go(current + step)) : undefined;
let current = 0;

fit(slides);
show(Number(location.hash.slice(1)) - 1 || 0);
channel.onmessage = ({ data }) =>
  data.ask ? tell() : data.dark === undefined ? show(data.slide) : darken(data.dark);
channel.postMessage({ ask: true });

addEventListener("hashchange", () => go(Number(location.hash.slice(1)) - 1 || 0));
addEventListener("click", (event) => {
  if (speaker || event.target.closest("a, button, pre, dialog, details")) return;
  go(current + 1);
});

/** Shows a slide here and in the other window. */
function go(wanted) {
  if (show(wanted)) tell();
}

function tell() {
  channel.postMessage({ slide: current });
}

function show(wanted) {
  const next = Math.max(0, Math.min(wanted, slides.length - 1));
  const moved = next !== current;
  current = next;
  for (const [i, slide] of slides.entries()) {
    slide.classList.toggle("current", i === current);
    slide.classList.toggle("coming", i === current + 1);
    slide.inert = i !== current;
  }
  history.replaceState(null, "", `#${current + 1}`);
  view?.show(current);
  return moved;
}

function darken(dark) {
  root.classList.toggle("dark-screen", dark && !speaker);
}

function toggleDark() {
  const dark = !root.classList.contains("dark-screen");
  darken(dark);
  channel.postMessage({ dark });
}

function openPresenter() {
  const address = new URL(location.href);
  address.search = "?presenter";
  open(address, `presenter-${root.dataset.lesson}`, "width=1200,height=760");
}

bindKeys([
  [["ArrowRight", "PageDown", " ", "n"], "next slide", () => go(current + 1)],
  [["ArrowLeft", "PageUp"], "previous slide", () => go(current - 1)],
  [["Home"], "first slide", () => go(0)],
  [["End"], "last slide", () => go(slides.length - 1)],
  [["p"], "presenter window: notes, next slide, time", openPresenter],
  [["b"], "dark screen, and back", toggleDark],
  [
    ["f"],
    "full screen",
    () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
  ],
  [["t"], "light or dark", toggleTheme],
  [["Escape"], "the lesson", () => document.querySelector("[data-lesson-link]").click()],
]);
