// How a task is told in the learner's files.

const WIDTH = 105;

/** Lines of a comment: `// TODO 3: …`, the next ones set in. */
export function todo(number: number, text: string, indentation: string): string[] {
  const lines: string[] = [`// TODO ${number}:`];
  for (const word of text.split(" ")) {
    if (`${indentation}${lines.at(-1)} ${word}`.length > WIDTH) lines.push("//   ");
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.map((line) => indentation + line);
}
