// What the page remembers about its reader, on the reader's machine. Where that is forbidden, nothing.

/** The value kept under `key`, or `otherwise`. */
export function recall(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** Keeps `value` under `key`; undefined forgets it. */
export function remember(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A private window: the page works all the same.
  }
}
