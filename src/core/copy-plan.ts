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

/** Compares what should be there with what is: every key and every size, no fewer and no more. */
export async function compareObjects(
  expected: Iterable<FoundObject>,
  found: AsyncIterable<FoundObject> | Iterable<FoundObject>,
): Promise<Differences> {
  const open = new Map<string, number>();
  for (const { key, bytes } of expected) open.set(key, bytes);
  const extra: string[] = [];
  const resized: { key: string; expected: number; found: number }[] = [];
  for await (const { key, bytes } of found) {
    const size = open.get(key);
    if (size === undefined) extra.push(key);
    else if (size !== bytes) resized.push({ key, expected: size, found: bytes });
    open.delete(key);
  }
  return { missing: [...open.keys()], extra, resized };
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
