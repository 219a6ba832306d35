// Plays an asciicast (version 2: a header, then [seconds, "o", text] on each line) in a terminal.
import "@xterm/xterm/css/xterm.css";
import { Terminal } from "@xterm/xterm";

const LONGEST_PAUSE = 2; // seconds: nobody likes to wait for somebody who reads

globalThis.playCast = (figure, text) => {
  const { header, frames } = read(text);
  figure.innerHTML = `<div class="screen"></div><div class="controls">
    <button class="pause">Pause</button><input type="range" min="0" step="0.1" aria-label="Position in the recording">
    <button class="speed" aria-label="Speed">1×</button></div>`;
  const terminal = new Terminal({
    cols: header.width,
    rows: header.height,
    disableStdin: true,
    screenReaderMode: true,
    fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
    fontSize: 13,
    theme: { background: "#17181b", foreground: "#dfdbd3", cursor: "#e3b263" },
  });
  terminal.open(figure.querySelector(".screen"));
  control(figure, tape(terminal, frames));
};

/** The recording with long pauses cut, times in seconds from its start. */
function read(text) {
  const [header, ...lines] = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  let last = 0;
  let now = 0;
  const frames = lines
    .filter(([, kind]) => kind === "o")
    .map(([at, , data]) => {
      now += Math.min(at - last, LONGEST_PAUSE);
      last = at;
      return { at: now, data };
    });
  return { header, frames };
}

/** A position in the frames that can move both ways; back means from the start again. */
function tape(terminal, frames) {
  let next = 0;
  return {
    length: frames.at(-1)?.at ?? 0,
    moveTo(time) {
      if (next > 0 && frames[next - 1].at > time) {
        terminal.reset();
        next = 0;
      }
      while (next < frames.length && frames[next].at <= time) terminal.write(frames[next++].data);
    },
  };
}

function control(figure, recording) {
  const [pause, range, speed] = figure.querySelectorAll("button, input");
  let playing = true;
  let time = 0;
  let then = performance.now();
  range.max = recording.length;

  const tick = (now) => {
    if (playing)
      time = Math.min(recording.length, time + ((now - then) / 1000) * Number.parseFloat(speed.textContent));
    then = now;
    if (playing) show();
    if (time >= recording.length) setPlaying(false);
    if (figure.isConnected) requestAnimationFrame(tick);
  };
  const show = () => {
    recording.moveTo(time);
    range.value = time;
  };
  const setPlaying = (wanted) => {
    playing = wanted;
    pause.textContent = playing ? "Pause" : time >= recording.length ? "Again" : "Play";
  };
  pause.addEventListener("click", () => {
    if (!playing && time >= recording.length) time = 0;
    setPlaying(!playing);
  });
  range.addEventListener("input", () => {
    time = Number(range.value);
    setPlaying(false);
    show();
  });
  speed.addEventListener("click", () => {
    speed.textContent = { "1×": "2×", "2×": "4×", "4×": "1×" }[speed.textContent];
  });
  pause.focus();
  requestAnimationFrame(tick);
}
