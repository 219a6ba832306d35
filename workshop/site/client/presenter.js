// The speaker's window: this slide and the next, the notes, and how much of the lesson's time has gone.

/** Turns this page into the speaker's; `move(steps)` is called by its buttons. */
export function presenter(slides, move) {
  document.documentElement.classList.add("presenter");
  document.title = `Speaker: ${document.title}`;
  const desk = document.querySelector(".desk");
  desk.hidden = false;
  desk.querySelector(".back").addEventListener("click", () => move(-1));
  desk.querySelector(".on").addEventListener("click", () => move(1));
  keepTime(desk);
  return { show: (current) => showDesk(desk, slides, current) };
}

function showDesk(desk, slides, current) {
  const notes = document.getElementById(slides[current].dataset.notes);
  desk.querySelector(".notes-now").innerHTML = notes?.innerHTML ?? "<p>No notes.</p>";
  desk.querySelector(".count").textContent = `${current + 1} of ${slides.length}`;
}

function keepTime(desk) {
  const clock = desk.querySelector(".elapsed");
  const minutes = Number(desk.dataset.minutes);
  let start = Date.now();
  const tick = () => {
    const seconds = Math.floor((Date.now() - start) / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    desk.querySelector("progress").value = seconds / 60;
    desk.classList.toggle("over", minutes > 0 && seconds > minutes * 60);
  };
  desk.querySelector(".restart").addEventListener("click", () => {
    start = Date.now();
    tick();
  });
  setInterval(tick, 1000);
  tick();
}
