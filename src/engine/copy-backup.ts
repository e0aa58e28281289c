import { rm } from "node:fs/promises";
import type { Lease } from "../catalog/lease.ts";
import { openCommitted } from "../catalog/open-backup.ts";
import { readManifest } from "../catalog/read-manifest.ts";
import { openPart } from "../catalog/sealed-manifest.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { BackupError, messageOf } from "../core/errors.ts";
import { keyInBackup, MANIFEST_KEY, objectsListKey } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { wholeIn } from "../format/manifest.ts";
import { bytesBody } from "../io/body.ts";
import { createCopier } from "../io/copy-object.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { beginCopy } from "./begin-copy.ts";
import { commitFiles } from "./commit-order.ts";
import { copyGoBackup } from "./copy-go-backup.ts";
import { openWriting } from "./copy-form.ts";
import type { FindDataKeys, Writing } from "./copy-form.ts";
import { comparePayload, copyPayload, readEntries } from "./copy-payload.ts";
import type { BackupCopy } from "./copy-payload.ts";
import { holdRunLease } from "./hold-run-lease.ts";
import { leaveManifest } from "./leave-manifest.ts";
import type { OpenTarget } from "./places.ts";
import type { Progress } from "./progress.ts";
import { removeStrays } from "./remove-strays.ts";
import { makeScratch } from "./scratch.ts";
import { writeObjectList } from "./write-object-list.ts";
import type { ObjectListWriting } from "./write-object-list.ts";
import type { TransferJob } from "./transfer-objects.ts";
import { keepRoom } from "./with-room.ts";

export interface CopiedBackup {
  readonly state: "complete" | "partial";
  readonly objects: number;
  readonly bytes: number;
  /** Of these objects, how many an earlier copy had brought. */
  readonly kept: number;
}

export interface CopyJob extends TransferJob {
  /** For a target whose recipients are others than those of an encrypted backup. */
  readonly findDataKeys?: FindDataKeys | undefined;
}

/** A copy, and this run's lease in the target that is written where it has one already. */
type LeasedCopy = BackupCopy & { readonly lease?: Lease };

/**
 * Copies a backup from one target to another, where it is then the same in every object and every file, unless
 * that target wants it encrypted to others. What an earlier copy left there is taken up: only what is missing or cannot
 * be proven is copied. The caller holds a lease in the target that is read; one for the target that is written is taken,
 * and given back, or is given.
 */
export async function copyBackup(copy: LeasedCopy, job: CopyJob, progress: Progress): Promise<CopiedBackup> {
  const { run } = job;
  const { from } = copy;
  const { manifest } = await openCommitted(from.storage, copy.backup, { signal: run.signal });
  if (manifest === undefined) return { state: "complete", ...(await copyGoBackup(copy, job, progress)) };
  return await copyOurs(copy, { manifest, progress }, job);
}

async function copyOurs(
  copy: LeasedCopy,
  { manifest, progress }: { readonly manifest: Manifest; readonly progress: Progress },
  job: CopyJob,
): Promise<CopiedBackup> {
  const { run, findDataKeys } = job;
  const { from, to } = copy;
  const writing = await openWriting(copy, manifest, { findDataKeys, signal: run.signal });
  await using lease = copy.lease ?? (await holdRunLease(run, to.storage, { kind: "copy", backup: copy.backup }));
  const { finishedAt: _, ...head } = manifest;
  const running: Manifest = { ...head, state: "running", copiedBy: run.runId };
  if ((await beginCopy({ ...to, written: writing.storage }, running, run)) === "there") {
    await checkCopy(copy, manifest, job);
    return describe(manifest, sum(manifest, "objects"));
  }
  try {
    await keepRoom(run, to.storage);
    const kept = await copyCollections(copy, { manifest, writing, progress }, job);
    await lease.guard({ signal: run.signal });
    const { encryption } = writing;
    await removeStrays(to.storage, { manifest, encryption }, { signal: run.signal });
    await commitCopy(copy, { manifest, writing }, job);
    return describe(manifest, kept);
  } catch (error) {
    if (lease.isLost()) throw error; // what is there may be another's
    const state = run.signal.aborted ? "interrupted" : "failed";
    const reason = `its copy from ${from.name} did not end: ${messageOf(error)}`;
    await leaveManifest(run, writing.storage, { ...running, state, reason, finishedAt: run.now().toISOString() });
    throw error;
  }
}

interface Copying {
  readonly manifest: Manifest;
  readonly writing: Writing;
}

/** Their objects first, and the list of them behind. Gives back how many objects were there already. */
async function copyCollections(
  copy: BackupCopy,
  { manifest, writing, progress }: Copying & { readonly progress: Progress },
  job: TransferJob,
): Promise<number> {
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
    const copied = await copyPayload(job, { ...copy, collection, writing }, tell);
    kept += copied.kept;
    done += collection.bytes - told;
    const collectionId = BigInt(collection.id);
    if (copied.resealed !== undefined) await writeResealed(copy, { collectionId, entries: copied.resealed }, job);
    else await copyFile({ ...copy, file: objectsListKey(collectionId), into: copy.to.storage }, job);
  });
  return kept;
}

/** The list of objects that have another form than those that were copied. */
async function writeResealed(
  { backup, to }: BackupCopy,
  list: Pick<ObjectListWriting, "collectionId" | "entries">,
  { run }: TransferJob,
): Promise<void> {
  const directory = await makeScratch(run.runId);
  try {
    await writeObjectList(to.storage, { ...list, backup, directory, signal: run.signal });
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function commitCopy(copy: BackupCopy, { manifest, writing }: Copying, job: TransferJob): Promise<void> {
  const { backup, from } = copy;
  const { signal } = job.run;
  if (!(await hasManifest(from, manifest, job))) {
    throw new BackupError("refused", `The backup ${backup} in ${from.name} was changed while it was copied`);
  }
  for (const file of commitFiles(manifest)) {
    const content = ownContent(file, { manifest, writing });
    if (content === undefined) await copyFile({ ...copy, file, into: writing.storage }, job);
    else await writing.storage.write(keyInBackup(backup, file), bytesBody(content), { signal });
  }
}

/** What is not as in the backup that is copied, where the copy has other recipients. */
function ownContent(file: string, { manifest, writing }: Copying): string | Uint8Array | undefined {
  const { keys, encryption } = writing;
  if (keys === undefined) return undefined;
  return file === MANIFEST_KEY ? encodeManifest({ ...manifest, encryption }) : keys.get(file);
}

interface FileCopy extends BackupCopy {
  readonly file: string;
  readonly into: Storage;
}

/** One of the files beside the payload, as it is, or sealed on the way. */
async function copyFile({ backup, from, file, into }: FileCopy, { run }: TransferJob): Promise<void> {
  const { signal } = run;
  const key = keyInBackup(backup, file);
  const info = await from.storage.stat(key, { signal });
  if (info === undefined) throw new BackupError("damaged", `The backup ${backup} in ${from.name} has no ${file}`);
  await createCopier({ from: from.storage, to: into, signal })({ key, sourceKey: key, bytes: info.bytes });
}

/** A copy that is committed is not touched: it is what the backup is, whoever it is encrypted to, or it is damaged. */
async function checkCopy(copy: BackupCopy, manifest: Manifest, job: TransferJob): Promise<void> {
  const { backup, from, to } = copy;
  const found = await readManifest(to.storage, backup, { signal: job.run.signal });
  if (found === undefined || !isSameBackup(found, manifest)) {
    throw new BackupError("damaged", `The backup ${backup} in ${to.name} has another manifest than in ${from.name}`);
  }
  for (const collection of wholeIn(manifest)) {
    const ofOne = { ...copy, collection };
    const entries = await readEntries(job, { ...ofOne, from: to }); // the form is its own, where it was sealed on the way
    await comparePayload(job, ofOne, entries);
  }
}

async function hasManifest({ storage }: OpenTarget, manifest: Manifest, { run }: TransferJob): Promise<boolean> {
  const found = await readManifest(storage, manifest.backup, { signal: run.signal });
  return found !== undefined && encodeManifest(found) === encodeManifest(manifest);
}

function isSameBackup(found: Manifest, copied: Manifest): boolean {
  if (found.encryption === undefined) return encodeManifest(found) === encodeManifest(copied);
  return encodeWithoutSeal(found) === encodeWithoutSeal(copied);
}

/** What of a manifest is the same in every copy, whoever each is encrypted to. */
function encodeWithoutSeal(manifest: Manifest): string {
  return encodeManifest(openPart({ ...manifest, encryption: undefined }));
}

function sum(manifest: Manifest, of: "objects" | "bytes"): number {
  return wholeIn(manifest).reduce((total, collection) => total + collection[of], 0);
}

function describe(manifest: Manifest, kept: number): CopiedBackup {
  const state = manifest.state === "partial" ? "partial" : "complete";
  return { state, objects: sum(manifest, "objects"), bytes: sum(manifest, "bytes"), kept };
}
