// Source text in colours, at build time. A colour is a class, so that one page serves light and dark.
import { createCssVariablesTheme, createHighlighter, type ThemedToken } from "shiki";
import { type Html, html, join } from "./html.ts";
import { linkCall, linkManuals } from "./man.ts";

const LANGUAGES = [
  "ts",
  "js",
  "c",
  "cpp",
  "sh",
  "json",
  "yaml",
  "ruby",
  "diff",
  "css",
  "html",
  "markdown",
] as const;
const theme = createCssVariablesTheme({ name: "classes", variablePrefix: "--" });
const highlighter = await createHighlighter({ themes: [theme], langs: [...LANGUAGES] });

/** Each line of `code` as markup: words in classes by what they are, system calls linked. */
export function highlight(code: string, language: string): Html[] {
  const lang = (LANGUAGES as readonly string[]).includes(language) ? language : "text";
  const { tokens } = highlighter.codeToTokens(code, {
    lang: lang as "ts",
    theme: "classes",
    // By default a line that takes half a second, on a busy machine any, loses its colours and those of all after it.
    tokenizeTimeLimit: 0,
  });
  return tokens.map((line) => join(line.map((token, i) => word(token, line[i + 1]))));
}

/** The language of a file, by its name. */
export const languageOf = (path: string): string => {
  const ending = /\.(\w+)$/.exec(path)?.[1] ?? "";
  return { cc: "cpp", h: "cpp", md: "markdown", yml: "yaml", gyp: "json", mjs: "js" }[ending] ?? ending;
};

function word(token: ThemedToken, next: ThemedToken | undefined): Html {
  const kind = /--(?:token-)?([\w-]+)/.exec(token.color ?? "")?.[1] ?? "foreground";
  const called = kind === "function" && next?.content.startsWith("(");
  const text = (called && linkCall(token.content)) || linkManuals(token.content);
  return kind === "foreground" ? text : html`<span class="t-${kind}">${text}</span>`;
}
