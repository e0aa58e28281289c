import { readFileSync } from "node:fs";

/** A fenced block of a page. */
export interface DocBlock {
  /** What stands behind the fence: sh, yaml, … */
  readonly language: string;
  readonly text: string;
  /** The file that it is of, by a comment above it or in its first line. */
  readonly file: string | undefined;
}

/** The blocks of a page in the repository, in their order. */
export function docBlocks(page: string): readonly DocBlock[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  const blocks = text.matchAll(/(?:^<!-- (?:file: )?(\S+) -->\n\n)?^```(\w*)\n(.*?)^```$/gms);
  return Array.from(blocks, ([, above, language = "", content = ""]) => {
    const [, inside] = /^(?:\/\/|#) (\S+\.(?:ts|yaml))\n/.exec(content) ?? [];
    return { language, text: content, file: above ?? inside };
  });
}

/** The calls of the tool in lines for a shell, up to a pipe, a redirection or a comment; each as its words. */
export function callsOf(lines: string): readonly (readonly string[])[] {
  const joined = lines.replaceAll(/\\\n\s*/g, " ");
  const calls = joined.matchAll(/(?:^|&& |\$\()(?:milvus-backup|node dist\/src\/cli\.js) ((?:'[^']*'|[^|&#)>'\n])*)/gm);
  return Array.from(calls, ([, words = ""]) =>
    Array.from(words.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? ""),
  );
}
