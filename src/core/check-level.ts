/** What of a backup is looked at, from the least to the most: each level takes in those before it. */
export const CHECK_LEVELS = ["metadata", "objects", "checksum", "spot", "restore"] as const;

/** What of a backup was looked at, from the least to the most: its restore proves all the others. */
export type CheckLevel = (typeof CHECK_LEVELS)[number];

/** One of so many equal shares of a backup's objects, from 1. */
export interface CheckPart {
  readonly number: number;
  readonly of: number;
}

export const WHOLE_PART: CheckPart = { number: 1, of: 1 };

/** What a part looks like, for the message that refuses another. */
export const PART_FORM = "a part such as 1/30: from 1, of at most 9999";

/** "3/30"; undefined for what is no part. */
export function findPart(text: string): CheckPart | undefined {
  const [, number, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  const part = { number: Number(number), of: Number(of) };
  return of === undefined || part.number > part.of ? undefined : part;
}

export function formatPart({ number, of }: CheckPart): string {
  return `${number}/${of}`;
}

/** "checksum 3/30": the level, and which share of it where it is not the whole. */
export function formatLevel(level: CheckLevel, part: CheckPart | undefined): string {
  return part === undefined || part.of === 1 ? level : `${level} ${formatPart(part)}`;
}

/** Whether an object belongs to a part: by its key alone, so that after all of the parts every object was in one. */
export function isInPart(key: string, { number, of }: CheckPart): boolean {
  return of === 1 || hashText(key) % of === number - 1;
}

/** FNV-1a of the UTF-16 units, then mixed, since its low bits alone follow those of the last digits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
