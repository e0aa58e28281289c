import { damaged } from "./damaged.ts";
import { decodeMessage } from "./decode-message.ts";
import type { JsonText } from "./json-cursor.ts";
import { META_KEYS } from "./keys.ts";
import { decodeHead, splitFull } from "./meta-files.ts";
import type { OpenFile } from "./meta-files.ts";
import { COLLECTION } from "./messages.ts";
import type { BackupHead, CollectionMeta } from "./meta.ts";
import { readBackup, refuseFormat } from "./read-backup.ts";

/** What a list tells of a backup. */
export interface BackupSummary {
  readonly head: BackupHead;
  readonly collections: number;
  /** When the first of them was flushed, in seconds since 1970; 0 when that was not recorded. */
  readonly firstFlush: number;
}

/**
 * Reads full_meta.json once, and of its collections only what a list tells: that they are JSON is checked, what else is
 * in them is left to whoever restores or verifies. Undefined when there is no such file; throws as readBackup.
 */
export async function summarizeFull(open: OpenFile): Promise<BackupSummary | undefined> {
  const chunks = await open(META_KEYS.full);
  if (chunks === undefined) return undefined;
  let head: BackupHead | undefined;
  const flushes: number[] = [];
  for await (const text of splitFull(chunks, (rest) => (head = decodeHead(rest)))) flushes.push(readFlush(text));
  if (head === undefined) throw damaged({ file: META_KEYS.full }, "it ends too early");
  refuseFormat(head);
  return { head, ...summarize(flushes) };
}

/** The same of a backup that has the four level files only. */
export async function summarizeLevels(open: OpenFile): Promise<BackupSummary> {
  const { head, collections } = await readBackup(open);
  const flushes: number[] = [];
  for await (const { backup_physical_timestamp: seconds = 0n } of collections) flushes.push(Number(seconds));
  return { head, ...summarize(flushes) };
}

/** The platform's parser is many times faster than one that keeps 64-bit integers and knows where it is. */
function readFlush(text: JsonText): number {
  try {
    const collection = JSON.parse(text.text) as Partial<Record<keyof CollectionMeta, unknown>> | null;
    return Number(collection?.backup_physical_timestamp ?? 0);
  } catch (error) {
    if (error instanceof SyntaxError) return Number(decodeMessage(COLLECTION, text).backup_physical_timestamp ?? 0n);
    throw error;
  }
}

function summarize(flushes: readonly number[]): Omit<BackupSummary, "head"> {
  const first = flushes.reduce((least, seconds) => (seconds > 0 && seconds < least ? seconds : least), Infinity);
  return { collections: flushes.length, firstFlush: first === Infinity ? 0 : first };
}
