import { deleteKeys } from "../catalog/delete-backup.ts";
import type { ObjectInfo } from "../core/contracts/storage.ts";
import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import type { FoundObject } from "../core/copy-plan.ts";
import { BackupError, isBackupError, messageOf } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import { keyInBackup } from "../format/keys.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { startImport, waitForImport } from "../milvus/import.ts";
import type { ImportRequest } from "../milvus/import.ts";
import { bitRot, checkChecksums, readChecksums } from "./check-checksums.ts";
import { checkPayload } from "./check-payload.ts";
import { cleanUpAfter } from "./clean-up.ts";
import type { ImportPlan, ImportTask } from "./import-plan.ts";
import { planImportInPlace, planStagedImport } from "./import-plan.ts";
import { isIntact } from "./keep-proven.ts";
import type { Progress } from "./progress.ts";
import { tempPrefix } from "./restore-job.ts";
import type { RestoreJob, Restoring } from "./restore-job.ts";
import { transferObjects } from "./transfer-objects.ts";

/** Brings a collection's rows in, by way of a temporary copy where Milvus cannot read the backup; that one is removed. */
export async function importCollection(job: RestoreJob, restoring: Restoring, progress: Progress): Promise<void> {
  const { meta } = restoring;
  const { plan, temp } = planImport(job, restoring);
  if (temp === undefined) {
    await checkChecksums(job, meta.collection_id, progress);
    await runTasks(job, { ...restoring, plan }, progress);
    const { backup, run, target } = job;
    await checkPayload(target.storage, { backup, meta, signal: run.signal }); // who deleted meanwhile took deletes from it, too
    return;
  }
  try {
    await stage(job, { plan, temp, collectionId: meta.collection_id }, progress);
    await runTasks(job, { ...restoring, plan }, progress);
  } catch (error) {
    if (isStillImporting(error)) throw error;
    throw await cleanUpAfter(error, `the temporary copy ${temp}/`, () => removeTemp(job, temp));
  }
  await removeTempAfter(job, temp);
}

interface PlannedImport {
  readonly plan: ImportPlan;
  /** Below the root of Milvus's storage; absent where Milvus reads the backup itself. */
  readonly temp?: string;
}

/** The same for whoever resumes the restore. */
function planImport(job: RestoreJob, { meta, step }: Restoring): PlannedImport {
  if (step.files === "in-place" && job.place !== undefined) return { plan: planImportInPlace(meta, job.place) };
  const temp = `${tempPrefix(job.state.restoreId)}/${meta.collection_id}`;
  return { temp, plan: planStagedImport(meta, job.milvusRoot === "" ? temp : `${job.milvusRoot}/${temp}`) };
}

/**
 * Waits for the imports that an earlier run had started, so that nothing writes on; true when these were all of them, and
 * all brought their rows.
 */
export async function finishImports(
  job: RestoreJob,
  restoring: Restoring,
  started: ReadonlyMap<number, string>,
): Promise<boolean> {
  const { plan, temp } = planImport(job, restoring);
  const wait = { signal: job.run.signal, stallTimeoutMs: job.patience.importStallMs, mayBeForgotten: true };
  let isWhole = started.size === plan.tasks.length;
  for (const id of started.values()) {
    try {
      await waitForImport(job.source.milvus, id, wait);
    } catch (error) {
      if (!isMilvusError(error, "import-failed", "other")) throw error;
      isWhole = false;
    }
  }
  if (temp !== undefined) await removeTempAfter(job, temp);
  return isWhole;
}

/** The rows are in all the same when it cannot be removed. */
async function removeTempAfter(job: RestoreJob, temp: string): Promise<void> {
  await removeTemp(job, temp).catch((error: unknown) => {
    const message = `the temporary copy ${temp}/ is left, since it cannot be removed: ${messageOf(error)}`;
    job.run.record({ type: "notice", message });
  });
}

interface Staging {
  readonly plan: ImportPlan;
  readonly temp: string;
  readonly collectionId: bigint;
}

/** Copies what the plan names; bytes are compared with the checksums that were recorded of them, on the way or when they are there. */
async function stage(job: RestoreJob, { plan, temp, collectionId }: Staging, progress: Progress): Promise<void> {
  const { target, source, backup } = job;
  const checksums = await readChecksums(job, collectionId);
  const objects = plan.objects.map(({ sourceKey, key, bytes }) => ({
    sourceKey: keyInBackup(backup, sourceKey),
    key: `${temp}/${key}`,
    bytes,
    entry: checksums.get(sourceKey) ?? {},
  }));
  const onCopied = async ({ sourceKey, key, entry }: (typeof objects)[number], copied: ObjectInfo): Promise<void> => {
    if (!(await isIntact(source.root, { entry, info: { ...copied, key } }, job.run.signal))) throw bitRot(sourceKey);
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
  for (const kind of ["segments", "l0"]) {
    const ofKind = tasks.flatMap((task, index) => (task.data.kind === kind ? [{ task, index }] : []));
    await eachTask(job, ofKind, async (one) => {
      await job.importLimit(() => runTask(job, importing, one));
      tell(one.task.rows);
    });
  }
}

/** What failed first says what happened; that another task still runs must be heard all the same. */
async function eachTask(
  { limits, run }: RestoreJob,
  tasks: readonly PlannedTask[],
  work: (task: PlannedTask) => Promise<void>,
): Promise<void> {
  const running: BackupError[] = [];
  const heard = async (task: PlannedTask): Promise<void> => {
    try {
      await work(task);
    } catch (error) {
      if (isStillImporting(error)) running.push(error);
      throw error;
    }
  };
  try {
    await forEachConcurrent(tasks, { concurrency: limits.imports, signal: run.signal }, heard);
  } catch (first) {
    const [still] = running;
    if (still === undefined || still === first) throw first;
    const { code, message } = toEventError(first);
    const { hint, facts } = still;
    throw new BackupError(code, `${message}; ${still.message}`, { cause: first, hint, facts });
  }
}

interface PlannedTask {
  readonly task: ImportTask;
  readonly index: number;
}

/** A run that is stopped meanwhile waits for the task a while, so that nothing is dropped or removed under it. */
async function runTask(job: RestoreJob, importing: Importing, { task, index }: PlannedTask): Promise<void> {
  const { source, run } = job;
  const { into } = importing;
  run.signal.throwIfAborted();
  const place = source.root.location.type === "local" ? "disk" : "bucket";
  const id = await start(job, importing, { ...into, place, partition: task.partition, data: task.data });
  try {
    await job.state.started(importing.step.collectionId, index, id);
    await waitForImport(source.milvus, id, { signal: run.signal, stallTimeoutMs: job.patience.importStallMs });
  } catch (error) {
    if (run.signal.aborted || !isMilvusError(error, "import-failed")) await settle(job, importing, { id, error });
    throw error;
  }
}

/** An import whose answer was lost may go on: what it reads and writes stays, and is named. */
async function start(job: RestoreJob, importing: Importing, request: ImportRequest): Promise<string> {
  const { source, run, patience } = job;
  try {
    return await startImport(source.milvus, request, { signal: run.signal, graceMs: patience.graceMs });
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
function leftBehind({ state }: RestoreJob, { into, step }: Importing): string {
  const left = [
    ...(step.mode === "append" ? [] : [`drop ${into.database}.${into.collection}`]),
    ...(step.files === "in-place" ? [] : [`remove ${tempPrefix(state.restoreId)}/ from Milvus's storage`]),
  ];
  return left.length === 0 ? "see what it brings" : `when it has ended, ${left.join(" and ")}`;
}

interface Unsettled {
  readonly id: string;
  /** Why it was waited for no longer. */
  readonly error: unknown;
}

/** Only an end is an end: a task that failed, but not one that Milvus says nothing of. */
async function settle(job: RestoreJob, importing: Importing, { id, error }: Unsettled): Promise<void> {
  const { source, run, patience } = job;
  const { into } = importing;
  const signal = AbortSignal.timeout(patience.graceMs);
  try {
    await waitForImport(source.milvus, id, { signal, stallTimeoutMs: patience.graceMs });
  } catch (last) {
    if (isMilvusError(last, "import-failed")) return;
    throw new BackupError(
      run.signal.aborted ? "interrupted" : toEventError(error).code,
      `Import task ${id} into ${into.database}.${into.collection} still runs`,
      {
        cause: error,
        hint: leftBehind(job, importing),
        facts: { importTask: id },
      },
    );
  }
}

/** Whether an import goes on that could not be waited for: what it reads and writes must stay. */
export function isStillImporting(error: unknown): error is BackupError {
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
