import { CONTROL_DIRECTORY } from "./keys.ts";

/** What is kept of a deletion, by whom it was begun and why. */
export interface DeletionRecord extends DeletionFacts {
  readonly backup: string;
  readonly policy?: string | undefined;
}

/** The same of objects that were nobody's. */
export interface GarbageRecord extends DeletionFacts {
  /** The directory that they were in, or the object. */
  readonly garbage: string;
  /** In whose storage it was; in the target when absent. */
  readonly source?: string | undefined;
  readonly keys: readonly string[];
  readonly bytes: number;
}

interface DeletionFacts {
  readonly formatVersion: 1;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** user@host */
  readonly by: string;
  readonly why: string;
  readonly runId: string;
  /** sha256, hex, of the plan as JSON. */
  readonly planDigest: string;
}

/** Where deletions are recorded, in the order of their times. Relative to the target's prefix. */
export const DELETIONS_PREFIX: string = `${CONTROL_DIRECTORY}/history/deletions/`;

export function deletionKey({ at, backup }: Pick<DeletionRecord, "at" | "backup">): string {
  return `${DELETIONS_PREFIX}${stamp(at)}_${backup}.json`;
}

/** The number tells those of one run apart, which deletes many things in a moment; no backup's name begins with a digit. */
export function garbageRecordKey({ at, runId }: Pick<GarbageRecord, "at" | "runId">, number: number): string {
  return `${DELETIONS_PREFIX}${stamp(at)}_${number}-${runId}.json`;
}

function stamp(at: string): string {
  return at.replaceAll(/[-:.]/g, "");
}

/** One line. */
export function encodeDeletion(record: DeletionRecord | GarbageRecord): string {
  return `${JSON.stringify(record)}\n`;
}
