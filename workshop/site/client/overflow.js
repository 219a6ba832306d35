// For the tests, in the browser: the slides on which something lies outside, or is smaller than 15 px.

globalThis.overflowing = () => {
  const slides = [...document.querySelectorAll(".slide:has(.content)")];
  return slides.flatMap((slide) => {
    for (const each of document.querySelectorAll(".slide")) each.classList.toggle("current", each === slide);
    const content = slide.querySelector(".content");
    const size = Number.parseFloat(getComputedStyle(content).fontSize);
    const title = slide.querySelector("h2").textContent;
    return size < 15 || isOutside(content) ? [`${title}, ${size} px`] : [];
  });
};

function isOutside(content) {
  const limit = content.getBoundingClientRect();
  return [...content.querySelectorAll("*")]
    .map((part) => part.getBoundingClientRect())
    .some(
      ({ top, right, bottom }) => right > limit.right + 1 || bottom > limit.bottom + 1 || top < limit.top - 1,
    );
}
