// A recording's player is fetched when the reader presses play.
import { base, load } from "./load.js";

for (const figure of document.querySelectorAll("[data-cast]"))
  figure.querySelector(".play").addEventListener("click", async () => {
    const sheet = Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      href: `${base}assets/player.css`,
    });
    document.head.append(sheet);
    await Promise.all([load("assets/player.js"), load(`casts/${figure.dataset.cast}.js`)]);
    globalThis.playCast(figure, globalThis.casts[figure.dataset.cast]);
  });
