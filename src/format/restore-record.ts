import { z } from "zod";
import type { CollectionName } from "../core/collection-name.ts";
import { damaged } from "./damaged.ts";

/** What a restore writes into the target that it reads, so that another run can go on where it stopped. */
export interface RestoreRecord {
  readonly formatVersion: 1;
  readonly runId: string;
  readonly backup: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** sha256, hex, of what was asked for: collections, names, choices. */
  readonly asked: string;
  /** Of the Milvus that is restored into. */
  readonly address: string;
}

/** A collection that the restore made. Its id and creation time prove that it is the one that was made. */
export interface MadeCollection {
  /** Decimal, in the backup. */
  readonly collectionId: string;
  /** Where its rows go. */
  readonly into: CollectionName;
  /** Its name in the end. */
  readonly to: CollectionName;
  /** Decimal, in Milvus. */
  readonly id: string;
  /** Decimal; a hybrid timestamp. */
  readonly createdTimestamp: string;
  /** Rows, indexes and the rest of it were right: what comes in later is not the restore's. */
  readonly isCompared?: boolean | undefined;
  /** It has its name and its aliases, too. */
  readonly isComplete: boolean;
}

const text = z.string();
const decimal = z.string().regex(/^[0-9]{1,20}$/);
const name = z.object({ database: text, name: text });

const restoreRecord = z.object({
  formatVersion: z.literal(1),
  runId: text.min(1),
  backup: text.min(1),
  startedAt: z.iso.datetime(),
  asked: text,
  address: text,
}) satisfies z.ZodType<RestoreRecord>;

const madeCollection = z.object({
  collectionId: decimal,
  into: name,
  to: name,
  id: decimal,
  createdTimestamp: decimal,
  isCompared: z.boolean().optional(),
  isComplete: z.boolean(),
}) satisfies z.ZodType<MadeCollection>;

const startedTask = z.object({ task: text.min(1) });

export function encodeRestoreRecord(record: RestoreRecord): string {
  return `${JSON.stringify(restoreRecord.parse(record), null, 2)}\n`;
}

export function encodeMade(made: MadeCollection): string {
  return `${JSON.stringify(madeCollection.parse(made))}\n`;
}

export function encodeTask(task: string): string {
  return `${JSON.stringify({ task })}\n`;
}

/** BackupError "damaged" for anything else, as of the two others. */
export function decodeRestoreRecord(bytes: Uint8Array, file: string): RestoreRecord {
  return decode(restoreRecord, bytes, file);
}

export function decodeMade(bytes: Uint8Array, file: string): MadeCollection {
  return decode(madeCollection, bytes, file);
}

export function decodeTask(bytes: Uint8Array, file: string): string {
  return decode(startedTask, bytes, file).task;
}

function decode<S extends z.ZodType>(schema: S, bytes: Uint8Array, file: string): z.output<S> {
  const checked = schema.safeParse(parse(bytes, file));
  if (checked.success) return checked.data;
  throw damaged({ file, path: checked.error.issues[0]?.path.join(".") }, "it is no record of a restore", checked.error);
}

function parse(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw damaged({ file }, "it is not JSON", error);
    throw error;
  }
}
