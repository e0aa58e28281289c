import type { Lease } from "../catalog/lease.ts";
import { openCommitted } from "../catalog/open-backup.ts";
import { readManifest } from "../catalog/read-manifest.ts";
import { BackupError, messageOf } from "../core/errors.ts";
import {
  DATA_KEY_KEY,
  keyInBackup,
  MANIFEST_KEY,
  META_KEYS,
  objectsListKey,
  SEALED_MANIFEST_KEY,
} from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { createCopier } from "../io/copy-object.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { beginCopy } from "./begin-copy.ts";
import { comparePayload, copyPayload, readEntries } from "./copy-payload.ts";
import type { BackupCopy } from "./copy-payload.ts";
import { holdRunLease } from "./hold-run-lease.ts";
import { leaveManifest } from "./leave-manifest.ts";
import type { OpenTarget } from "./places.ts";
import type { Progress } from "./progress.ts";
import { removeStrays } from "./remove-strays.ts";
import type { TransferJob } from "./transfer-objects.ts";

export interface CopiedBackup {
  readonly state: "complete" | "partial";
  readonly objects: number;
  readonly bytes: number;
  /** Of these objects, how many an earlier copy had brought. */
  readonly kept: number;
}

/**
 * Copies a backup of ours from one target to another, where it is then the same in every object and every file. What an
 * earlier copy left there is taken up: only what is missing or cannot be proven is copied. The caller holds a lease in
 * the target that is read; one for the target that is written is taken, and given back, or is given.
 */
export async function copyBackup(
  copy: BackupCopy & { readonly lease?: Lease },
  job: TransferJob,
  progress: Progress,
): Promise<CopiedBackup> {
  const { run } = job;
  const { from, to } = copy;
  const manifest = await openCopied(copy, job);
  await using lease = copy.lease ?? (await holdRunLease(run, to.storage, { kind: "copy", backup: copy.backup }));
  const { finishedAt: _, ...head } = manifest;
  const running: Manifest = { ...head, state: "running", copiedBy: run.runId };
  if ((await beginCopy(to, running, run)) === "there") {
    await checkCopy(copy, manifest, job);
    return describe(manifest, sum(manifest, "objects"));
  }
  try {
    const kept = await copyCollections(copy, { manifest, progress }, job);
    await lease.guard({ signal: run.signal });
    await removeStrays(to.storage, manifest, { signal: run.signal });
    await commitCopy(copy, manifest, job);
    return describe(manifest, kept);
  } catch (error) {
    if (lease.isLost()) throw error; // what is there may be another's
    const state = run.signal.aborted ? "interrupted" : "failed";
    const reason = `its copy from ${from.name} did not end: ${messageOf(error)}`;
    await leaveManifest(run, to.storage, { ...running, state, reason, finishedAt: run.now().toISOString() });
    throw error;
  }
}

async function openCopied({ backup, from }: BackupCopy, { run }: TransferJob): Promise<Manifest> {
  const { manifest } = await openCommitted(from.storage, backup, { signal: run.signal });
  if (manifest !== undefined) return manifest;
  throw new BackupError("refused", `Cannot copy ${backup} from ${from.name}: it was not made by this tool`, {
    hint: "it has no list of its objects with which a copy could be proven",
  });
}

interface Copying {
  readonly manifest: Manifest;
  readonly progress: Progress;
}

/** Their objects first, and the list of them behind. Gives back how many objects were there already. */
async function copyCollections(copy: BackupCopy, { manifest, progress }: Copying, job: TransferJob): Promise<number> {
  const { signal } = job.run;
  const total = sum(manifest, "bytes");
  let done = 0;
  let kept = 0;
  await forEachConcurrent(wholeIn(manifest), { concurrency: job.limits.collections, signal }, async (collection) => {
    let told = 0;
    const tell: Progress = (update) => {
      const own = collection.bytes - update.total + update.done; // what was there already counts as done
      done += own - told;
      told = own;
      progress({ ...update, done, total });
    };
    const there = await copyPayload(job, { ...copy, collection }, tell);
    kept += there; // not in one expression: others add to it while this one waits
    done += collection.bytes - told;
    await copyFile(copy, objectsListKey(BigInt(collection.id)), job);
  });
  return kept;
}

/** The order of the design: whoever reads full_meta and backup_meta finds everything else in place. */
const COMMIT_ORDER = [
  MANIFEST_KEY,
  META_KEYS.segment,
  META_KEYS.partition,
  META_KEYS.collection,
  META_KEYS.full,
  META_KEYS.backup,
];

async function commitCopy(copy: BackupCopy, manifest: Manifest, job: TransferJob): Promise<void> {
  const { backup, from } = copy;
  if (!(await hasManifest(from, manifest, job))) {
    throw new BackupError("refused", `The backup ${backup} in ${from.name} was changed while it was copied`);
  }
  const keys = manifest.encryption === undefined ? [] : [DATA_KEY_KEY, SEALED_MANIFEST_KEY];
  for (const key of [...keys, ...COMMIT_ORDER]) await copyFile(copy, key, job);
}

/** One of the files beside the payload, as it is. */
async function copyFile({ backup, from, to }: BackupCopy, file: string, { run }: TransferJob): Promise<void> {
  const { signal } = run;
  const key = keyInBackup(backup, file);
  const info = await from.storage.stat(key, { signal });
  if (info === undefined) throw new BackupError("damaged", `The backup ${backup} in ${from.name} has no ${file}`);
  await createCopier({ from: from.storage, to: to.storage, signal })({ key, sourceKey: key, bytes: info.bytes });
}

/** A copy that is committed is not touched: it is what the backup is, or it is damaged. */
async function checkCopy(copy: BackupCopy, manifest: Manifest, job: TransferJob): Promise<void> {
  const { backup, from, to } = copy;
  if (!(await hasManifest(to, manifest, job))) {
    throw new BackupError("damaged", `The backup ${backup} in ${to.name} has another manifest than in ${from.name}`);
  }
  for (const collection of wholeIn(manifest)) {
    const ofOne = { ...copy, collection };
    await comparePayload(job, ofOne, await readEntries(job, ofOne));
  }
}

async function hasManifest({ storage }: OpenTarget, manifest: Manifest, { run }: TransferJob): Promise<boolean> {
  const found = await readManifest(storage, manifest.backup, { signal: run.signal });
  return found !== undefined && encodeManifest(found) === encodeManifest(manifest);
}

function wholeIn({ collections }: Manifest): Manifest["collections"] {
  return collections.filter(({ state }) => state === "complete");
}

function sum(manifest: Manifest, of: "objects" | "bytes"): number {
  return wholeIn(manifest).reduce((total, collection) => total + collection[of], 0);
}

function describe(manifest: Manifest, kept: number): CopiedBackup {
  const state = manifest.state === "partial" ? "partial" : "complete";
  return { state, objects: sum(manifest, "objects"), bytes: sum(manifest, "bytes"), kept };
}
