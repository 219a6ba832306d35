// Scripts that are fetched when they are first wanted. As <script>, because fetch() has no files on file://.

const loaded = new Map();

/** The way from this page to the site's first folder. */
export const base = document.documentElement.dataset.base;

/** Runs the script at `path`, seen from the site's first folder, once. */
export function load(path) {
  if (!loaded.has(path)) loaded.set(path, inject(path));
  return loaded.get(path);
}

const inject = (path) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = base + path;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${path}`));
    document.head.append(script);
  });
