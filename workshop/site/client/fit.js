// The type of each slide as large as its blocks let it be. What the style sheet estimates is for browsers without script.

const SMALLEST = 0.875; // em of a slide that is 80 em wide: 14 px of 1280
const READABLE = 1.3; // a transcript that would be smaller than this wraps its lines, as a terminal does
const LARGEST = { text: 2.5, code: 2 };
const STEPS = 6;

/** Fits all slides, also those that are not shown. */
export function fit(slides) {
  document.documentElement.classList.add("measuring");
  for (const content of slides.flatMap((slide) => slide.querySelector(".content") ?? [])) {
    const size = fitContent(content, content.querySelector("pre") ? LARGEST.code : LARGEST.text);
    if (size >= READABLE || !content.querySelector(".console")) continue;
    content.classList.add("wrapped");
    fitContent(content, READABLE);
  }
  document.documentElement.classList.remove("measuring");
}

function fitContent(content, largest) {
  if (fits(content, largest)) return largest;
  let small = SMALLEST;
  let large = largest;
  for (let i = 0; i < STEPS; i++) {
    const middle = (small + large) / 2;
    if (fits(content, middle)) small = middle;
    else large = middle;
  }
  fits(content, small);
  return small;
}

function fits(content, size) {
  content.style.fontSize = `${size}em`;
  const parts = [content, ...content.querySelectorAll("table")];
  const high = parts.some((part) => part.scrollHeight > part.clientHeight + 1);
  const wide = parts.some((part) => part.scrollWidth > part.clientWidth + 1);
  return !high && !wide && [...content.querySelectorAll("pre")].every(holdsItsLines);
}

function holdsItsLines(pre) {
  const { paddingLeft, paddingRight } = getComputedStyle(pre);
  const room = pre.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
  return pre.firstElementChild.offsetWidth <= room + 1;
}
