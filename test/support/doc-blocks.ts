import { readFileSync } from "node:fs";

/** A fenced block of a page. */
export interface DocBlock {
  /** What stands behind the fence: sh, yaml, … */
  readonly language: string;
  readonly text: string;
  /** The file that a comment above it names. */
  readonly file: string | undefined;
}

/** The blocks of a page in the repository, in their order. */
export function docBlocks(page: string): readonly DocBlock[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  const blocks = text.matchAll(/(?:^<!-- file: (\S+) -->\n\n)?^```(\w*)\n(.*?)^```$/gms);
  return Array.from(blocks, ([, file, language = "", content = ""]) => ({ language, text: content, file }));
}
