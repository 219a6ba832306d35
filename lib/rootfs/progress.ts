// One line on the terminal that follows a download.

const MB = 1e6;

/**
 * Returns a function that shows how far a download is, given the bytes there are by now. `start` is what was
 * there before, `total` what there will be (unknown: NaN). It writes nothing where stderr is no terminal.
 */
export function progress(name: string, start: number, total: number): (now: number) => void {
  const began = Date.now();
  let shown = 0;
  return (now) => {
    if (!process.stderr.isTTY || Date.now() - shown < 100) return;
    shown = Date.now();
    const speed = (now - start) / Math.max(0.001, (shown - began) / 1000); // bytes a second
    const left = total ? `, ${Math.ceil((total - now) / speed)} s left` : "";
    process.stderr.write(`\r${name}: ${amount(now, total)}, ${(speed / MB).toFixed(1)} MB/s${left}\x1b[K`);
  };
}

/** Takes the line away again. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

function amount(now: number, total: number): string {
  const there = (now / MB).toFixed(1);
  return total ? `${there} of ${(total / MB).toFixed(1)} MB` : `${there} MB`;
}
