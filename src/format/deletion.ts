import { CONTROL_DIRECTORY } from "./keys.ts";

/** What is kept of a deletion, by whom it was begun and why. */
export interface DeletionRecord {
  readonly formatVersion: 1;
  readonly backup: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** user@host */
  readonly by: string;
  readonly why: string;
  readonly runId: string;
  readonly policy?: string | undefined;
  /** sha256, hex, of the plan as JSON. */
  readonly planDigest: string;
}

/** Where deletions are recorded, in the order of their times. Relative to the target's prefix. */
export const DELETIONS_PREFIX: string = `${CONTROL_DIRECTORY}/history/deletions/`;

export function deletionKey({ at, backup }: Pick<DeletionRecord, "at" | "backup">): string {
  return `${DELETIONS_PREFIX}${at.replaceAll(/[-:.]/g, "")}_${backup}.json`;
}

/** One line. */
export function encodeDeletion(record: DeletionRecord): string {
  return `${JSON.stringify(record)}\n`;
}
