/** What the target must hold of one collection when it is whole: keys relative to the backup's directory. */
export interface PlannedObject {
  readonly sourceKey: string;
  readonly key: string;
  readonly bytes: number;
}

export interface FoundObject {
  readonly key: string;
  readonly bytes: number;
}

export interface Differences {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly resized: readonly { readonly key: string; readonly expected: number; readonly found: number }[];
}

type Objects = AsyncIterable<FoundObject> | Iterable<FoundObject>;

/**
 * Compares what should be there with what is: every key and every size, no fewer and no more. Both are read at the same
 * pace, and what one has already and the other not yet is in memory: nothing where both are in the same order, whichever
 * that is, and at worst all of it.
 */
export async function compareObjects(expected: Objects, found: Objects): Promise<Differences> {
  const open = { expected: new Map<string, number>(), found: new Map<string, number>() };
  const resized: { key: string; expected: number; found: number }[] = [];
  for await (const [side, { key, bytes }] of inTurn(expected, found)) {
    const other = side === "expected" ? open.found : open.expected;
    const size = other.get(key);
    if (size === undefined) open[side].set(key, bytes);
    else if (size !== bytes) {
      resized.push(side === "found" ? { key, expected: size, found: bytes } : { key, expected: bytes, found: size });
    }
    other.delete(key);
  }
  return { missing: [...open.expected.keys()], extra: [...open.found.keys()], resized };
}

/** One of each in turn, the rest of the longer one behind. */
async function* inTurn(expected: Objects, found: Objects): AsyncGenerator<["expected" | "found", FoundObject]> {
  let turns: readonly Turn[] = [
    { side: "expected", iterator: iteratorOf(expected) },
    { side: "found", iterator: iteratorOf(found) },
  ];
  try {
    for (let [turn, other] = turns; turn !== undefined; [turn, other] = turns) {
      const next = await turn.iterator.next();
      const waiting = other === undefined ? [] : [other];
      turns = next.done ? waiting : [...waiting, turn];
      if (!next.done) yield [turn.side, next.value];
    }
  } finally {
    for (const { iterator } of turns) await iterator.return?.();
  }
}

interface Turn {
  readonly side: "expected" | "found";
  readonly iterator: AsyncIterator<FoundObject> | Iterator<FoundObject>;
}

function iteratorOf(objects: Objects): Turn["iterator"] {
  return Symbol.asyncIterator in objects ? objects[Symbol.asyncIterator]() : objects[Symbol.iterator]();
}

export function hasDifferences({ missing, extra, resized }: Differences): boolean {
  return missing.length + extra.length + resized.length > 0;
}

/** The differences in one line, the first key of each sort named. */
export function formatDifferences({ missing, extra, resized }: Differences): string {
  const first = resized[0];
  const parts = [
    missing[0] === undefined ? "" : `${missing.length} missing (${missing[0]})`,
    extra[0] === undefined ? "" : `${extra.length} that should not be there (${extra[0]})`,
    first === undefined
      ? ""
      : `${resized.length} of another size (${first.key}: ${first.found} bytes, not ${first.expected})`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
