import { isGoBackup, listMeta } from "../catalog/meta-files.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import type { FoundObject } from "../core/copy-plan.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup, META_KEYS } from "../format/keys.ts";
import { createCopier } from "../io/copy-object.ts";
import { hashObject } from "../io/hash-object.ts";
import { forEachConcurrent } from "../io/limit.ts";
import type { BackupCopy } from "./copy-payload.ts";
import { holdRunLease } from "./hold-run-lease.ts";
import type { Progress } from "./progress.ts";
import type { TransferJob } from "./transfer-objects.ts";

export interface CopiedFiles {
  readonly objects: number;
  readonly bytes: number;
  /** How many were there already. */
  readonly kept: number;
}

/** By the Go tool's own rule full_meta.json, or all the others, make it a backup: these come last. */
const LAST: readonly string[] = [
  META_KEYS.segment,
  META_KEYS.partition,
  META_KEYS.collection,
  META_KEYS.full,
  META_KEYS.backup,
];

/**
 * Copies a backup of the Go tool, file by file, to where it is the same backup then. Nothing was recorded of its bytes:
 * what was read is compared with what is there. Until its last files it is none; what an earlier copy left is taken up.
 */
export async function copyGoBackup(copy: BackupCopy, job: TransferJob, progress: Progress): Promise<CopiedFiles> {
  const { backup, from, to } = copy;
  const { run } = job;
  const { signal } = run;
  if (to.encryption) throw notSealed(copy);
  await using lease = await holdRunLease(run, to.storage, { kind: "copy", backup });
  const files: FoundObject[] = [];
  for await (const file of filesIn(from.storage, copy, signal)) files.push(file);
  const isThere = isGoBackup(await listMeta(to.storage, backup, { signal }));
  await refuseOther(copy, files, signal);
  const ofPayload = files.filter(({ key }) => !LAST.includes(key));
  const transfer = createTransfer(copy, { total: sumBytes(files), isThere }, { job, progress });
  await forEachConcurrent(ofPayload, { concurrency: job.limits.objects, signal }, transfer.bring);
  await compare(copy, ofPayload, signal);
  await lease.guard({ signal });
  for (const key of LAST) {
    const file = files.find((one) => one.key === key);
    if (file !== undefined) await transfer.bring(file);
  }
  const logs = files.filter(({ key }) => key.startsWith("binlogs/"));
  return { objects: logs.length, bytes: sumBytes(logs), kept: transfer.kept() };
}

function sumBytes(files: readonly FoundObject[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

function notSealed({ backup, to }: BackupCopy): BackupError {
  return new BackupError("refused", `Cannot encrypt ${backup} for ${to.name}: it was made by the Go tool`, {
    hint: "restore it and back it up with a policy that encrypts, or copy it to a place outside the policy",
  });
}

/** All that is in its directory, relative to it. */
async function* filesIn(storage: Storage, { backup }: BackupCopy, signal: AbortSignal): AsyncGenerator<FoundObject> {
  const root = keyInBackup(backup, "");
  for await (const entry of storage.list(root, { signal })) {
    if (entry.kind === "object") yield { key: entry.key.slice(root.length), bytes: entry.bytes };
  }
}

/** Nothing says whose an unfinished directory is: it is a copy of this one when it has nothing else. */
async function refuseOther(copy: BackupCopy, files: readonly FoundObject[], signal: AbortSignal): Promise<void> {
  const { backup, to } = copy;
  const { extra, resized } = await compareObjects(files, filesIn(to.storage, copy, signal));
  if (extra.length + resized.length === 0) return;
  const what = formatDifferences({ missing: [], extra, resized });
  throw new BackupError("refused", `Cannot copy ${backup} to ${to.name}: something else has its name, ${what}`, {
    hint: `look at it with: milvus-backup get ${backup} --target ${to.name}`,
  });
}

interface Known {
  /** Bytes. */
  readonly total: number;
  /** Whether it is a backup there already, which is not touched. */
  readonly isThere: boolean;
}

interface Transfer {
  bring(file: FoundObject): Promise<void>;
  /** How many were there already. */
  kept(): number;
}

function createTransfer(
  { backup, from, to }: BackupCopy,
  { total, isThere }: Known,
  { job, progress }: { readonly job: TransferJob; readonly progress: Progress },
): Transfer {
  const { signal } = job.run;
  const copyObject = createCopier({ from: from.storage, to: to.storage, signal });
  let [done, kept] = [0, 0];
  const bring = async ({ key: file, bytes }: FoundObject): Promise<void> => {
    const key = keyInBackup(backup, file);
    const expected = await hashObject(from.storage, key, { signal });
    const isEqual = async (): Promise<boolean> => {
      const info = await to.storage.stat(key, { signal });
      return info?.bytes === bytes && (info.sha256 ?? (await hashObject(to.storage, key, { signal }))) === expected;
    };
    if (await isEqual()) kept += 1;
    else if (isThere) throw different(to.name, key);
    else {
      await copyObject({ sourceKey: key, key, bytes });
      if (!(await isEqual())) throw different(to.name, key);
    }
    done += bytes;
    progress({ phase: "copy", done, total, unit: "bytes" });
  };
  return { bring: (file) => job.objectLimit(() => bring(file)), kept: () => kept };
}

function different(target: string, key: string): BackupError {
  return new BackupError("damaged", `${key} in ${target} is not what it is in the backup that is copied`, {
    hint: "verify both; delete the one that is damaged",
    facts: { key },
  });
}

/** Milvus imports directories, not lists of files: exactly these may be there. */
async function compare(copy: BackupCopy, files: readonly FoundObject[], signal: AbortSignal): Promise<void> {
  const { missing, extra, resized } = await compareObjects(files, filesIn(copy.to.storage, copy, signal));
  const differences = { missing, resized, extra: extra.filter((key) => !LAST.includes(key)) };
  if (!hasDifferences(differences)) return;
  const { backup, to } = copy;
  throw new BackupError(
    "damaged",
    `The copy of ${backup} in ${to.name} is not whole: ${formatDifferences(differences)}`,
  );
}
