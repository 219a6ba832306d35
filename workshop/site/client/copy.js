// Copy buttons: of a transcript what was typed, of source text the source text.

for (const figure of document.querySelectorAll("[data-copy]")) figure.append(copyButton(figure));

function copyButton(figure) {
  const button = document.createElement("button");
  button.className = "copy";
  button.textContent = "Copy";
  button.title = figure.dataset.copy ? "Copies the commands" : "Copies the text";
  button.addEventListener("click", async () => {
    await copy(figure.dataset.copy || figure.querySelector("code").textContent);
    button.textContent = "Copied";
    button.classList.add("done");
    setTimeout(() => {
      button.textContent = "Copy";
      button.classList.remove("done");
    }, 1500);
  });
  return button;
}

/** The clipboard is closed to plain http from another machine; a selection can still be copied. */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
