import { damaged } from "./damaged.ts";
import { decodeMessage } from "./decode-message.ts";
import type { JsonText } from "./json-cursor.ts";
import { META_KEYS } from "./keys.ts";
import { createListScanner } from "./list-scanner.ts";
import type { Message } from "./message.ts";
import { COLLECTION, PARTITION, SEGMENT } from "./messages.ts";
import type { CollectionMeta, PartitionMeta, SegmentMeta } from "./meta.ts";
import { decodeHead } from "./meta-files.ts";
import type { BackupHead } from "./meta.ts";
import { gather } from "./utf8.ts";

/** A part of full_meta.json. What holds others comes behind them, without them: they are those since the last of its kind. */
export type MetaPiece =
  | { readonly kind: "segment"; readonly segment: SegmentMeta }
  | { readonly kind: "partition"; readonly partition: PartitionMeta }
  | { readonly kind: "collection"; readonly collection: CollectionMeta }
  | { readonly kind: "head"; readonly head: BackupHead };

/** Reads full_meta.json segment by segment: in memory is the longest of them, and a collection without its segments. */
export async function* splitCollections(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<MetaPiece> {
  const file = cutList({ file: META_KEYS.full, offset: 0, path: "" }, "collection_backups", {
    open: (place) => cutList(place, "partition_backups", { open: openPartition, end: endCollection }),
    end: (text) => ({ kind: "head", head: decodeHead(text) }),
  });
  for await (const chunk of chunks) yield* file.push(chunk);
  yield* file.end(false);
}

interface Place {
  readonly file: string;
  readonly offset: number;
  readonly path: string;
}

/** Takes the bytes of an element as they come. */
interface Element {
  push(bytes: Uint8Array): Iterable<MetaPiece>;
  /** mayBeNothing: there may be space only, where a list is empty. */
  end(mayBeNothing: boolean): Iterable<MetaPiece>;
}

function openPartition(place: Place): Element {
  return cutList(place, "segment_backups", { open: openSegment, end: endPartition });
}

function openSegment({ file, offset, path }: Place): Element {
  const content = gather({ file, offset });
  return {
    push: (bytes) => {
      content.push(bytes);
      return [];
    },
    end: (mayBeNothing) => {
      const text = content.text();
      if (mayBeNothing && !/\S/.test(text)) return [];
      return [{ kind: "segment", segment: decodeElement(SEGMENT, { text, file, offset, path }) }];
    },
  };
}

function endPartition(text: JsonText): MetaPiece {
  const partition = decodeElement(PARTITION, text);
  return { kind: "partition", partition: refuseUncut(text, partition, partition.segment_backups) };
}

function endCollection(text: JsonText): MetaPiece {
  const { db_name, ...rest } = decodeMessage(COLLECTION, text);
  const collection = { ...rest, db_name: db_name === "" ? "default" : db_name }; // those of before databases name none
  return { kind: "collection", collection: refuseUncut(text, collection, collection.partition_backups) };
}

/** As in any list, null is an element without anything. */
function decodeElement<T>(message: Message<T>, source: JsonText): T {
  return decodeMessage(message, source.text.trim() === "null" ? { ...source, text: "{}" } : source);
}

/** Only an escape within the list's key hides it from the scanner. */
function refuseUncut<T>({ file, path }: JsonText, value: T, uncut: readonly unknown[] = []): T {
  if (uncut.length > 0) throw damaged({ file, path }, "the key of its list is spelled with escapes");
  return value;
}

interface Parts {
  /** Begins an element of the list. */
  open(place: Place): Element;
  /** Given the object with the list emptied. */
  end(rest: JsonText): MetaPiece;
}

/** An object of which one list is cut; as splitList, but what is in it goes on as it comes. */
function cutList({ file, offset, path }: Place, key: string, { open, end }: Parts): Element {
  const scanner = createListScanner(key);
  const rest = gather({ file, offset });
  let element: Element | undefined;
  let gapAt = 0;
  let read = 0;
  let count = 0;
  const openAt = (at: number): Element => {
    const prefix = path === "" ? "" : `${path}.`;
    return open({ file, offset: offset + read + at, path: `${prefix}${key}[${count++}]` });
  };
  const take = (bytes: Uint8Array): Iterable<MetaPiece> => {
    if (element !== undefined) return element.push(bytes);
    rest.push(bytes);
    return [];
  };
  return {
    *push(chunk) {
      let from = 0;
      for (const { at, kind } of scanner.scan(chunk)) {
        yield* take(chunk.subarray(from, kind === "open" ? at + 1 : at));
        from = kind === "close" ? at : at + 1;
        if (kind === "open") gapAt = rest.bytes;
        else yield* element?.end(kind === "close" && count === 1) ?? [];
        element = kind === "close" ? undefined : openAt(from);
      }
      yield* take(chunk.subarray(from));
      read += chunk.length;
    },
    *end(mayBeNothing) {
      if (mayBeNothing && rest.bytes === read && !/\S/.test(rest.text())) return;
      if (!scanner.isClosed()) throw damaged({ file, offset: offset + read }, "it ends too early");
      yield end({ text: rest.text(), file, offset, path, gap: { at: gapAt, bytes: read - rest.bytes } });
    },
  };
}
