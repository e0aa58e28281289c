import { deleteKeys } from "../catalog/delete-backup.ts";
import type { ObjectInfo } from "../core/contracts/storage.ts";
import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import type { FoundObject } from "../core/copy-plan.ts";
import { BackupError, isBackupError, messageOf } from "../core/errors.ts";
import { keyInBackup } from "../format/keys.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { startImport, waitForImport } from "../milvus/import.ts";
import type { ImportRequest } from "../milvus/import.ts";
import { bitRot, checkChecksums, readChecksums } from "./check-checksums.ts";
import { cleanUpAfter } from "./clean-up.ts";
import type { ImportPlan, ImportTask } from "./import-plan.ts";
import { planImportInPlace, planStagedImport } from "./import-plan.ts";
import type { Progress } from "./progress.ts";
import { tempPrefix } from "./restore-job.ts";
import type { RestoreJob, Restoring } from "./restore-job.ts";
import { transferObjects } from "./transfer-objects.ts";

/** No progress of a task for so long means that it will not come to an end. */
const STALL_TIMEOUT_MS = 20 * 60_000;
/** How long a stopped run waits for the tasks that Milvus is working on: they cannot be called back. */
const GRACE_MS = 60_000;

/** Brings a collection's rows in, by way of a temporary copy where Milvus cannot read the backup; that one is removed. */
export async function importCollection(job: RestoreJob, restoring: Restoring, progress: Progress): Promise<void> {
  const { meta, step } = restoring;
  if (step.files === "in-place" && job.place !== undefined) {
    await checkChecksums(job, meta.collection_id, progress);
    await runTasks(job, { ...restoring, plan: planImportInPlace(meta, job.place) }, progress);
    return;
  }
  const temp = `${tempPrefix(job.run.runId)}/${meta.collection_id}`;
  const directory = job.milvusRoot === "" ? temp : `${job.milvusRoot}/${temp}`;
  const plan = planStagedImport(meta, directory);
  try {
    await stage(job, { plan, temp, collectionId: meta.collection_id }, progress);
    await runTasks(job, { ...restoring, plan }, progress);
  } catch (error) {
    if (isStillImporting(error)) throw error;
    throw await cleanUpAfter(error, `the temporary copy ${temp}/`, () => removeTemp(job, temp));
  }
  await removeTemp(job, temp).catch((error: unknown) => {
    const message = `the temporary copy ${temp}/ is left, since it cannot be removed: ${messageOf(error)}`;
    job.run.record({ type: "notice", message }); // the rows are in all the same
  });
}

interface Staging {
  readonly plan: ImportPlan;
  readonly temp: string;
  readonly collectionId: bigint;
}

/** Copies what the plan names; on the way bytes are compared with the checksums that were recorded of them. */
async function stage(job: RestoreJob, { plan, temp, collectionId }: Staging, progress: Progress): Promise<void> {
  const { target, source, backup } = job;
  const checksums = await readChecksums(job, collectionId);
  const objects = plan.objects.map(({ sourceKey, key, bytes }) => ({
    sourceKey: keyInBackup(backup, sourceKey),
    key: `${temp}/${key}`,
    bytes,
    sha256: checksums.get(sourceKey),
  }));
  const onCopied = ({ sourceKey, sha256 }: (typeof objects)[number], copied: ObjectInfo): void => {
    if (sha256 !== undefined && copied.sha256 !== undefined && copied.sha256 !== sha256) throw bitRot(sourceKey);
  };
  await transferObjects(job, { from: target.storage, to: source.root, objects, onCopied }, progress);
  const differences = await compareObjects(plan.objects, listTemp(job, temp));
  if (!hasDifferences(differences)) return;
  throw new BackupError("failed", `The temporary copy is not what was planned: ${formatDifferences(differences)}`);
}

interface Importing extends Restoring {
  readonly plan: ImportPlan;
}

/** Rows first, deletes after them: an L0 delete must find the rows that it removes. */
async function runTasks(job: RestoreJob, importing: Importing, progress: Progress): Promise<void> {
  const { tasks } = importing.plan;
  const total = tasks.reduce((sum, { rows }) => sum + rows, 0);
  let done = 0;
  const tell = (rows: number): void => {
    done += rows;
    progress({ phase: "import", done, total, unit: "rows" });
  };
  if (tasks.length > 0) tell(0);
  const options = { concurrency: job.limits.imports, signal: job.run.signal };
  for (const kind of ["segments", "l0"]) {
    const ofKind = tasks.filter(({ data }) => data.kind === kind);
    await forEachConcurrent(ofKind, options, async (task) => {
      await job.importLimit(() => runTask(job, importing, task));
      tell(task.rows);
    });
  }
}

/** A run that is stopped meanwhile waits for the task a while, so that nothing is dropped or removed under it. */
async function runTask(job: RestoreJob, importing: Importing, task: ImportTask): Promise<void> {
  const { source, run } = job;
  const { into } = importing;
  run.signal.throwIfAborted();
  const place = source.root.location.type === "local" ? "disk" : "bucket";
  const id = await start(job, importing, { ...into, place, partition: task.partition, data: task.data });
  try {
    await waitForImport(source.milvus, id, { signal: run.signal, stallTimeoutMs: STALL_TIMEOUT_MS });
  } catch (error) {
    if (run.signal.aborted || !isMilvusError(error, "other")) await settle(job, importing, id);
    throw error;
  }
}

/** An import whose answer was lost may go on: what it reads and writes stays, and is named. */
async function start(job: RestoreJob, importing: Importing, request: ImportRequest): Promise<string> {
  try {
    return await startImport(job.source.milvus, request);
  } catch (error) {
    if (!isMilvusError(error) || !isStillImporting(error)) throw error;
    throw new BackupError(error.code, error.message, {
      cause: error.cause,
      hint: `it may be running: look for it in Milvus's log, and ${leftBehind(job, importing)}`,
      facts: error.facts,
    });
  }
}

/** What to do when the import has ended: what it reads and writes could not be taken away from it. */
function leftBehind({ run }: RestoreJob, { into, step }: Importing): string {
  const left = [
    ...(step.mode === "append" ? [] : [`drop ${into.database}.${into.collection}`]),
    ...(step.files === "in-place" ? [] : [`remove ${tempPrefix(run.runId)}/ from Milvus's storage`]),
  ];
  return left.length === 0 ? "see what it brings" : `when it has ended, ${left.join(" and ")}`;
}

/** Only an end is an end: a task that failed, but not one that Milvus says nothing of. */
async function settle(job: RestoreJob, importing: Importing, id: string): Promise<void> {
  const { source, run } = job;
  const { into } = importing;
  try {
    await waitForImport(source.milvus, id, { signal: AbortSignal.timeout(GRACE_MS), stallTimeoutMs: GRACE_MS });
  } catch (cause) {
    if (isMilvusError(cause, "other")) return;
    throw new BackupError(
      run.signal.aborted ? "interrupted" : "failed",
      `Import task ${id} into ${into.database}.${into.collection} still runs`,
      {
        cause,
        hint: leftBehind(job, importing),
        facts: { importTask: id },
      },
    );
  }
}

/** Whether an import goes on that could not be waited for: what it reads and writes must stay. */
export function isStillImporting(error: unknown): boolean {
  return isBackupError(error) && error.facts["importTask"] !== undefined;
}

async function* listTemp({ source }: RestoreJob, temp: string): AsyncIterable<FoundObject> {
  for await (const entry of source.root.list(`${temp}/`)) {
    if (entry.kind === "object") yield { key: entry.key.slice(temp.length + 1), bytes: entry.bytes };
  }
}

/** Also after the run was stopped: nothing of ours may stay in Milvus's own storage. */
async function removeTemp(job: RestoreJob, temp: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of listTemp(job, temp)) keys.push(`${temp}/${key}`);
  await deleteKeys(job.source.root, keys);
}
