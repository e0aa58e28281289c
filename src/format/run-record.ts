import { z } from "zod";
import type { StorageLocation } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { damaged } from "./damaged.ts";
import { storageLocation } from "./storage-location.ts";

/** What a run writes into the target before its first capture, so that another one can go on where it stopped. */
export interface RunRecord {
  readonly formatVersion: 1;
  readonly runId: string;
  readonly backup: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The policy's name; absent for a backup made without one. */
  readonly policy?: string | undefined;
  /** sha256, hex, of what was asked for: the policy's digest, or that of selection and consistency. */
  readonly asked: string;
  /** Where the source keeps its segments. */
  readonly source: StorageLocation;
}

/** Who makes the backup now: the run itself, or one that took it up. */
export interface RunClaim {
  readonly runId: string;
  readonly process?: { readonly system: string; readonly pid: number } | undefined;
}

const FORMAT_VERSION = 1;
const text = z.string().min(1);

const runRecord = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  runId: text,
  backup: text,
  startedAt: z.iso.datetime(),
  policy: text.optional(),
  asked: text,
  source: storageLocation,
}) satisfies z.ZodType<RunRecord>;

const runClaim = z.object({
  runId: text,
  process: z.object({ system: text, pid: z.int().min(1) }).optional(),
}) satisfies z.ZodType<RunClaim>;

export function encodeRunRecord(record: RunRecord): string {
  return `${JSON.stringify(runRecord.parse(record), null, 2)}\n`;
}

/** BackupErrors: "refused" for the format of a newer release, "damaged" for what is no record of a run. */
export function decodeRunRecord(bytes: Uint8Array, file: string): RunRecord {
  const value = parse(bytes, file);
  const version = z.object({ formatVersion: z.number() }).safeParse(value).data?.formatVersion ?? 0;
  if (version > FORMAT_VERSION) {
    throw new BackupError("refused", `Cannot read ${file}: its format ${version} is newer than ${FORMAT_VERSION}`, {
      hint: "resume it with the release of milvus-backup that began it, or a later one",
    });
  }
  const checked = runRecord.safeParse(value);
  if (checked.success) return checked.data;
  throw damaged({ file, path: checked.error.issues[0]?.path.join(".") }, "it is no record of a run", checked.error);
}

export function encodeRunClaim(claim: RunClaim): string {
  return `${JSON.stringify(runClaim.parse(claim))}\n`;
}

/** BackupError "damaged" for anything else. */
export function decodeRunClaim(bytes: Uint8Array, file: string): RunClaim {
  const checked = runClaim.safeParse(parse(bytes, file));
  if (checked.success) return checked.data;
  throw damaged({ file }, "it does not say which run it is of", checked.error);
}

function parse(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw damaged({ file }, "it is not JSON", error);
    throw error;
  }
}
