// What is to be played of a lesson, an entry at a time, with what the audience is told before it.
import { whatLacks } from "../lessons/needs.ts";
import { type Entry, type Scene, scenesOf } from "../lessons/transcript.ts";
import { type Cue, cuesOf } from "./cues.ts";

export type Line = { scene: Scene; entry: Entry; cue: Cue };

/** The lines that this machine can play, and why it cannot play the others: `2 of 40 transcripts, from …` */
export function scriptOf(markdown: string): { lines: Line[]; skipped: string[] } {
  const cues = cuesOf(markdown);
  const scenes = scenesOf(markdown).map((scene) => ({ scene, lack: whatLacks(scene.needs) }));
  return {
    lines: scenes
      .filter(({ lack }) => !lack)
      .flatMap(({ scene }) =>
        scene.entries.map((entry) => ({ scene, entry, cue: cues.get(scene.line) ?? NONE })),
      ),
    skipped: [...new Set(scenes.flatMap(({ lack }) => lack ?? []))].map((reason) => {
      const out = scenes.filter(({ lack }) => lack === reason);
      return `${out.length} of ${scenes.length} transcripts, from line ${out[0]!.scene.line} on: ${reason}`;
    }),
  };
}

const NONE: Cue = { heading: "", sentence: "" };
