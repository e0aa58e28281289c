import { compareUtf8, throwIfAborted } from "../../src/plugin.ts";
import type { ListEntry, ListOptions, ObjectInfo } from "../../src/plugin.ts";

export async function* listObjects(
  objects: ReadonlyMap<string, { readonly info: ObjectInfo }>,
  prefix: string,
  { delimiter, startAfter, signal }: ListOptions = {},
): AsyncGenerator<ListEntry> {
  const isAsked = (key: string): boolean =>
    key.startsWith(prefix) && (startAfter === undefined || compareUtf8(key, startAfter) > 0);
  const keys = [...objects.keys()].filter(isAsked).toSorted(compareUtf8);
  let folded = "";
  for (const key of keys) {
    throwIfAborted(key, signal);
    const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (end >= 0) {
      const fold = key.slice(0, end + 1);
      if (fold !== folded) yield { kind: "prefix", prefix: fold };
      folded = fold;
      continue;
    }
    const object = objects.get(key); // deleted meanwhile: no longer listed
    if (object !== undefined) yield { kind: "object", ...object.info };
  }
}
