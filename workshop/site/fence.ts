// A fence's first line: a language, then `key=value` or single words.
export type Fence = { language: string; attributes: Record<string, string>; text: string };

/** What a fence is, from the words after its three backticks. */
export function readFence(info: string, text: string): Fence {
  const [language = "", ...words] = info.trim().split(/\s+/);
  const pairs = words.map((word) => {
    const [key = "", value = ""] = word.split("=");
    return [key, value] as const;
  });
  return { language, attributes: Object.fromEntries(pairs), text };
}
