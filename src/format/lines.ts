import { damaged } from "./damaged.ts";
import { gather } from "./utf8.ts";

const NEWLINE = 0x0a;

export interface Line {
  readonly text: string;
  /** Of its first byte in the file. */
  readonly offset: number;
}

/** Cuts a file into its lines, each of which ends with a newline: a last one without it was cut off, and is refused. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Line> {
  let line = gather({ file, offset: 0 });
  let read = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      line.push(chunk.subarray(from, end));
      yield { text: line.text(), offset: line.offset };
      from = end + 1;
      line = gather({ file, offset: read + from });
    }
    line.push(chunk.subarray(from));
    read += chunk.length;
  }
  if (line.bytes > 0) throw damaged({ file, offset: read }, "it ends within a line");
}
