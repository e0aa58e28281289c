import { damaged } from "./damaged.ts";
import type { JsonText } from "./json-cursor.ts";
import { createListScanner } from "./list-scanner.ts";
import { gather } from "./utf8.ts";

export interface ListPlace {
  readonly file: string;
  /** The key of the list in the file's one object. */
  readonly key: string;
}

/**
 * Cuts an object with one long list: yields the text of each element as it arrives and, at the end, gives the object
 * with the list emptied to checkRest. Every byte but the commas between elements is in one or the other: parsing both
 * is parsing the file. Memory: the longest element.
 */
export async function* splitList(
  chunks: AsyncIterable<Uint8Array>,
  place: ListPlace,
  checkRest: (rest: JsonText) => void,
): AsyncGenerator<JsonText> {
  const cutter = createCutter(place);
  for await (const chunk of chunks) yield* cutter.cut(chunk);
  checkRest(cutter.end());
}

interface Cutter {
  /** The elements that end in this chunk. */
  cut(chunk: Uint8Array): Iterable<JsonText>;
  /** All but the elements. */
  end(): JsonText;
}

function createCutter({ file, key }: ListPlace): Cutter {
  const scanner = createListScanner(key);
  const rest = gather({ file, offset: 0 });
  let part = rest;
  let gapAt = 0;
  let read = 0;
  let count = 0;

  /** Ends the part; the next begins at this byte of the file, or goes on with the rest. */
  const endPart = (next: number | undefined): { readonly text: string; readonly offset: number } => {
    const ended = { text: part.text(), offset: part.offset };
    part = next === undefined ? rest : gather({ file, offset: next }); // nothing holds the bytes while the text is read
    return ended;
  };

  return {
    *cut(chunk) {
      let from = 0;
      for (const { at, kind } of scanner.scan(chunk)) {
        part.push(chunk.subarray(from, kind === "open" ? at + 1 : at));
        from = kind === "close" ? at : at + 1;
        if (kind === "open") {
          gapAt = rest.bytes;
          part = gather({ file, offset: read + from });
          continue;
        }
        const { text, offset } = endPart(kind === "close" ? undefined : read + from);
        const isEmptyList = kind === "close" && count === 0 && !/\S/.test(text);
        if (!isEmptyList) yield { text, file, offset, path: `${key}[${count++}]` };
      }
      part.push(chunk.subarray(from));
      read += chunk.length;
    },
    end: () => {
      if (!scanner.isClosed()) throw damaged({ file, offset: read }, "it ends too early");
      return { text: rest.text(), file, offset: 0, gap: { at: gapAt, bytes: read - rest.bytes } };
    },
  };
}
