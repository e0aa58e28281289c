import type { Call, Storage } from "../core/contracts/storage.ts";
import { TOOL_NAME } from "../core/version.ts";
import { keyInBackup } from "../format/keys.ts";
import type { Manifest } from "../format/manifest.ts";
import { wholeIn } from "../format/manifest.ts";
import { summarizeFull, summarizeLevels } from "../format/summarize-backup.ts";
import type { BackupSummary } from "../format/summarize-backup.ts";
import { systemClock } from "../io/clock.ts";
import { hasObjects } from "../io/list-objects.ts";
import type { BackupEntry, BackupState } from "./entry.ts";
import { isLeaseLive } from "./lease.ts";
import { fileOpener, isCommitted, isGoBackup, listMeta } from "./meta-files.ts";
import { readManifest } from "./read-manifest.ts";

/** What a directory of a target is; undefined when it is no backup, nor the rest of one. */
export async function readEntry(storage: Storage, name: string, call: Call = {}): Promise<BackupEntry | undefined> {
  const manifest = await readManifest(storage, name, call); // first, since most are ours and it says nearly all
  if (manifest !== undefined) return ourEntry(name, manifest, await stateOf(storage, { name, manifest }, call));
  const open = fileOpener(storage, name, call);
  const full = await summarizeFull(open);
  if (full !== undefined) return goEntry(name, full);
  if (isGoBackup(await listMeta(storage, name, call))) return goEntry(name, await summarizeLevels(open));
  return (await hasObjects(storage, keyInBackup(name, "binlogs/"), call)) ? leftover(name) : undefined;
}

/** Under the directory's name, which is not the manifest's in a copy. */
function ourEntry(name: string, manifest: Manifest, state: BackupState): BackupEntry {
  const whole = wholeIn(manifest);
  const inPart = whole.filter(({ partitions }) => partitions !== undefined).length;
  return {
    name,
    state,
    madeBy: TOOL_NAME,
    startedAt: manifest.startedAt,
    finishedAt: manifest.finishedAt,
    bytes: whole.reduce((sum, { bytes }) => sum + bytes, 0),
    collections: whole.length,
    ...(inPart > 0 && { inPart }),
    ...(manifest.encryption && { isEncrypted: true }),
    milvusVersion: manifest.source.milvusVersion,
    policy: manifest.policy?.name,
    source: manifest.source.name,
    reason: manifest.reason,
  };
}

/**
 * A manifest alone proves nothing: what says complete without its meta files was stopped before its commit, and what
 * says running without a live lease is not.
 */
async function stateOf(
  storage: Storage,
  { name, manifest }: { readonly name: string; readonly manifest: Manifest },
  call: Call,
): Promise<BackupState> {
  const { state, runId, copiedBy = runId } = manifest;
  if (state === "running") {
    return (await isLeaseLive(storage, copiedBy, { ...call, clock: systemClock })) ? "running" : "interrupted"; // who lists writes nothing
  }
  const isClaim = state === "complete" || state === "partial";
  return isClaim && !(await isCommitted(storage, name, call)) ? "interrupted" : state;
}

/** The Go tool keeps no times of its own in newer backups: the first flush is the nearest to a start. */
function goEntry(name: string, { head, collections, firstFlush }: BackupSummary): BackupEntry {
  return {
    name,
    state: "complete",
    madeBy: "go",
    startedAt: toTime(Number(head.start_time ?? 0n)) ?? toTime(firstFlush * 1000),
    bytes: Number(head.size),
    collections,
    milvusVersion: head.milvus_version,
  };
}

/** Null for what was not recorded, or is no time. */
function toTime(ms: number): string | null {
  const time = new Date(ms);
  return ms > 0 && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
}

function leftover(name: string): BackupEntry {
  const reason = "it has payload but no meta files";
  return { name, state: "interrupted", madeBy: "go", startedAt: null, bytes: 0, collections: 0, reason };
}
