// For the tests, in the browser: the slides with more on them than fits, or with type smaller than 14 px.

globalThis.overflowing = () => {
  document.documentElement.classList.add("measuring");
  const wrong = [...document.querySelectorAll(".slide .content")].filter(
    (content) => Number.parseFloat(getComputedStyle(content).fontSize) < 14 || !isRoomFor(content),
  );
  document.documentElement.classList.remove("measuring");
  return wrong.map((content) => content.closest(".slide").querySelector("h2").textContent);
};

const isRoomFor = (content) =>
  [content, ...content.querySelectorAll("pre, table")].every(
    (part) => part.scrollHeight <= part.clientHeight + 1 && part.scrollWidth <= part.clientWidth + 1,
  );
