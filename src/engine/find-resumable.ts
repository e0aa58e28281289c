import { backupNames } from "../catalog/list-backups.ts";
import { isLeaseLive } from "../catalog/lease.ts";
import { isCommitted } from "../catalog/meta-files.ts";
import { readManifest } from "../catalog/read-manifest.ts";
import type { Call, Storage, StorageLocation } from "../core/contracts/storage.ts";
import { isBackupError, messageOf } from "../core/errors.ts";
import { whyNotResumed } from "../core/resume.ts";
import type { UnfinishedBackup } from "../core/resume.ts";
import type { EncryptionConfig } from "../core/contracts/target.ts";
import { controlKeys, CONTROL_DIRECTORY, dataKeyFiles, keyInBackup } from "../format/keys.ts";
import type { Manifest } from "../format/manifest.ts";
import { decodeRunRecord } from "../format/run-record.ts";
import type { RunRecord } from "../format/run-record.ts";
import { objectsIn } from "../io/list-objects.ts";
import { isGone } from "../io/process-identity.ts";
import { readIfThere } from "../io/read-if-there.ts";
import { findClaim } from "./claim.ts";
import type { FoundClaim } from "./claim.ts";
import { CAPTURES, RECORD_FILE } from "./run-state.ts";

/** Which unfinished backup is looked for: the newest of a policy, or the one with this name. */
export interface ResumeQuery extends Call {
  readonly policy?: string | undefined;
  readonly backup?: string | undefined;
  readonly asked: string;
  readonly source: StorageLocation;
  /** To whom it is to be encrypted. */
  readonly encryption?: EncryptionConfig | undefined;
  readonly now: Date;
  readonly isOrdered: boolean;
}

/** One that can be taken up. */
export interface ResumableBackup {
  readonly runId: string;
  readonly manifest: Manifest;
  /** The claim of whoever made it last. */
  readonly claim: FoundClaim;
  /** Decimal ids of the collections that were captured for it. */
  readonly captured: readonly string[];
}

export interface ResumeSearch {
  readonly found?: ResumableBackup | undefined;
  /** Why others, which are of this query as well, are left alone. */
  readonly left: readonly { readonly backup: string; readonly why: string }[];
}

/** Looks for a backup that a run began and did not finish; reads nothing but the states of runs, of which there are few. */
export async function findResumable(storage: Storage, query: ResumeQuery): Promise<ResumeSearch> {
  const left: { backup: string; why: string }[] = [];
  const ids = await runIds(storage, query);
  for (const runId of ids.toReversed()) {
    const judged = await judge(storage, runId, query);
    if (judged === undefined) continue;
    if (!("why" in judged)) return { found: judged, left };
    left.push(judged);
  }
  return { left };
}

/** In the order of their times. */
export async function runIds(storage: Storage, { signal }: Call): Promise<readonly string[]> {
  const ids: string[] = [];
  const root = `${CONTROL_DIRECTORY}/runs/`;
  for await (const entry of storage.list(root, { delimiter: "/", signal })) {
    if (entry.kind === "prefix") ids.push(entry.prefix.slice(root.length, -1));
  }
  return ids;
}

type Judged = ResumableBackup | ResumeSearch["left"][number];

/** Undefined for what is none of this query's business, committed, or history. */
async function judge(storage: Storage, runId: string, query: ResumeQuery): Promise<Judged | undefined> {
  const { signal } = query;
  try {
    const record = await readRecord(storage, runId, { signal });
    if (record === undefined || !isMeant(record, query)) return undefined;
    return (await isOver(storage, record, query)) ? undefined : await judgeRecord(storage, record, query);
  } catch (error) {
    if (!isBackupError(error) || (error.code !== "damaged" && error.code !== "refused")) throw error;
    return { backup: query.backup ?? `of the run ${runId}`, why: messageOf(error) };
  }
}

async function readRecord(storage: Storage, runId: string, call: Call): Promise<RunRecord | undefined> {
  const key = controlKeys.run(runId, RECORD_FILE);
  const bytes = await readIfThere(storage, key, call);
  return bytes && decodeRunRecord(bytes, key); // a restore's has none, or it is gone meanwhile
}

function isMeant({ policy, backup }: RunRecord, query: ResumeQuery): boolean {
  return policy === query.policy && (query.backup === undefined || query.backup === backup);
}

async function judgeRecord(storage: Storage, record: RunRecord, query: ResumeQuery): Promise<Judged | undefined> {
  const { backup, runId } = record;
  const { signal } = query;
  const manifest = await readManifest(storage, backup, { signal });
  const claim = await findClaim(storage, runId, { signal });
  const captured = await capturedIn(storage, runId, { signal });
  const isLive = await isClaimLive(storage, claim, { runId, signal });
  const unfinished: UnfinishedBackup = { ...record, manifest, isLive, hasCaptures: captured.length > 0 };
  const why = whyNotResumed(unfinished, query) ?? (await whyNotOpened(storage, manifest, { signal }));
  if (why !== undefined || manifest === undefined) return { backup, why: why ?? "its manifest is gone" };
  const hasJustEnded = await isCommitted(storage, backup, { signal }); // it may have lived until a moment ago
  return hasJustEnded ? undefined : { runId, manifest, claim, captured };
}

/** A run that was killed right after it had taken the name has not written the key of what it sealed. */
async function whyNotOpened(storage: Storage, manifest: Manifest | undefined, call: Call): Promise<string | undefined> {
  if (manifest?.encryption === undefined) return undefined;
  for (const { file } of dataKeyFiles(manifest.encryption)) {
    const info = await storage.stat(keyInBackup(manifest.backup, file), call);
    if (info === undefined) return "its key is not there, so that nobody could open it";
  }
  return undefined;
}

async function isOver(storage: Storage, record: RunRecord, { isOrdered, signal }: ResumeQuery): Promise<boolean> {
  if (await isCommitted(storage, record.backup, { signal })) return true;
  return !isOrdered && (await hasNewer(storage, record, { signal }));
}

/**
 * Whether a backup of the policy that was begun later is whole: then this one is history, of which each run need not tell.
 * By their names only those are looked at that can be of it.
 */
async function hasNewer(storage: Storage, { backup, policy, startedAt }: RunRecord, call: Call): Promise<boolean> {
  const beginning = backup.slice(0, -TIME_IN_NAME.length);
  for await (const name of backupNames(storage, call)) {
    if (!name.startsWith(beginning) || name <= backup) continue;
    const manifest = await readManifest(storage, name, call);
    const isNewer = manifest?.policy?.name === policy && manifest !== undefined && manifest.startedAt > startedAt;
    if (isNewer && (await isCommitted(storage, name, call))) return true;
  }
  return false;
}

const TIME_IN_NAME = "yyyyMMdd_HHmmss";

async function capturedIn(storage: Storage, runId: string, call: Call): Promise<readonly string[]> {
  const root = controlKeys.run(runId, CAPTURES);
  const ids: string[] = [];
  for await (const { key } of objectsIn(storage, root, call)) ids.push(key.slice(root.length).split(".")[0] ?? "");
  return ids;
}

/** A lease outlives a run that was killed for half an hour; that its process is gone is known sooner, where it ran here. */
export async function isClaimLive(
  storage: Storage,
  claim: FoundClaim,
  { runId, signal }: Call & { readonly runId: string },
): Promise<boolean> {
  if (await isGone(claim.process)) return false;
  const ids = new Set([runId, claim.runId]);
  for (const id of ids) if (await isLeaseLive(storage, id, { signal })) return true;
  return false;
}
