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

  const toElement = (text: string): JsonText => ({ text, file, offset: part.offset, path: `${key}[${count++}]` });

  return {
    *cut(chunk) {
      let from = 0;
      for (const { at, kind } of scanner.scan(chunk)) {
        const end = kind === "open" ? at + 1 : at;
        part.push(chunk.subarray(from, end));
        if (kind === "open") gapAt = rest.bytes;
        else {
          const text = part.text();
          const isEmptyList = kind === "close" && count === 0 && !/\S/.test(text);
          if (!isEmptyList) yield toElement(text);
        }
        from = kind === "comma" ? at + 1 : end;
        part = kind === "close" ? rest : gather({ file, offset: read + from });
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
