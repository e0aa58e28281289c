import { listDrillIntents, removeIntent, writeIntent } from "../catalog/intents.ts";
import { isLeaseLive } from "../catalog/lease.ts";
import { openBackup } from "../catalog/open-backup.ts";
import type { OpenBackup } from "../catalog/open-backup.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import type { CollectionOutcome } from "../core/events.ts";
import type { RestoreCollectionStep } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { dropDatabase } from "../milvus/drop-database.ts";
import type { CheckJob } from "./check-job.ts";
import { cleanUpAfter } from "./clean-up.ts";
import { drillCollection } from "./drill-collection.ts";
import { openMetaStore } from "./meta-store.ts";
import type { OpenSource, OpenTarget } from "./places.ts";
import type { Progress } from "./progress.ts";
import { prepareRestore, runRestore } from "./restore.ts";
import { createRun } from "./run.ts";
import type { Run } from "./run.ts";
import { noteDifference } from "./verify-job.ts";
import type { DamageLog } from "./verify-job.ts";

export interface Drill {
  readonly backup: string;
  readonly target: OpenTarget;
  readonly source: OpenSource;
  /** What the name of the scratch database begins with. */
  readonly database: string;
  readonly damage: DamageLog;
}

/**
 * Restores the backup into databases of this run's own, looks whether what came back is what the backup holds, and drops
 * them again. What a drill that died has left is dropped first. Gives back what is worth telling.
 */
export async function runDrill(job: CheckJob, drill: Drill, progress: Progress): Promise<readonly string[]> {
  const { run } = job;
  const { target, source } = drill;
  const { signal, runId } = run;
  await dropDeadDrills(run, drill);
  const opened = await openBackup(target.storage, drill.backup, { signal });
  const names = await databasesOf(opened);
  const databases = names.map((_, index) => `${drill.database}${index === 0 ? "" : `_${index + 1}`}_${runId}`);
  const isKept = await keepIntent(run, drill, databases);
  const renames = names.map((name, index) => `${name}.*:${databases[index]}.*`);
  try {
    const notes = await restoreAndCompare(job, { ...drill, opened, renames }, progress);
    await dropAll(source, databases);
    if (isKept) await removeIntent(target.storage, runId);
    return notes;
  } catch (error) {
    throw await cleanUpAfter(error, databases.join(", "), async () => {
      await dropAll(source, databases);
      if (isKept) await removeIntent(target.storage, runId);
    });
  }
}

async function databasesOf({ collections }: OpenBackup): Promise<readonly string[]> {
  const names = new Set<string>();
  for await (const { db_name = "default" } of collections) names.add(db_name);
  return [...names];
}

/** Whether the intent could be written; where the target is read-only, what a crash leaves is left to its operator. */
async function keepIntent(run: Run, { target, source }: Drill, databases: readonly string[]): Promise<boolean> {
  const { runId, signal } = run;
  const { address } = source.milvus;
  try {
    await writeIntent(target.storage, { kind: "drill", runId, address, databases }, { signal });
    return true;
  } catch (error) {
    if (!isStorageError(error, "denied") && !isStorageError(error, "unsupported")) throw error;
    const message = `${target.name} cannot be written: after a crash ${databases.join(", ")} would be left in ${source.name}`;
    run.record({ type: "notice", message });
    return false;
  }
}

/** The intent of which nothing is here stays: the address may be another host's own Milvus. In time gc forgets it. */
async function dropDeadDrills(run: Run, { target, source }: Drill): Promise<void> {
  const { signal } = run;
  for (const intent of await listDrillIntents(target.storage, { signal })) {
    if (intent.address !== source.milvus.address || intent.runId === run.runId) continue;
    if (await isLeaseLive(target.storage, intent.runId, { signal })) continue;
    const dropped = await dropAll(source, intent.databases);
    if (dropped.length === 0) continue;
    await removeIntent(target.storage, intent.runId, { signal });
    const message = `the drill ${intent.runId} had died: dropped what it left, ${dropped.join(", ")}`;
    run.record({ type: "notice", message });
  }
}

const DROP_TIMEOUT_MS = 120_000;

/** Also when the run was stopped. Gives back those that were there. */
async function dropAll({ milvus }: OpenSource, databases: readonly string[]): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const database of databases) {
    const call = { signal: AbortSignal.timeout(DROP_TIMEOUT_MS) };
    if (await dropDatabase(milvus, database, call)) dropped.push(database);
  }
  return dropped;
}

interface Restoring extends Drill {
  readonly opened: OpenBackup;
  readonly renames: readonly string[];
}

async function restoreAndCompare(job: CheckJob, drill: Restoring, progress: Progress): Promise<readonly string[]> {
  const { run, limits } = job;
  const { source, target, opened, renames, damage, backup } = drill;
  const { signal } = run;
  await using metas = await openMetaStore(`${run.runId}_drill`);
  const request = { select: [], renames, onConflict: "fail" } as const;
  const plan = await prepareRestore({ source, target, opened, metas, signal }, request);
  const inner = innerRun(run, progress);
  const choices = { index: "same", aliases: "none", load: false } as const;
  const report = await runRestore(
    plan,
    { ...job, run: inner, source, target },
    { opened, metas, request, choices, isScratch: true },
  );
  signal.throwIfAborted();
  noteFailures(report, damage);
  const whole = new Set(report.collections.filter(({ state }) => state === "complete").map(nameOf));
  const steps = plan.steps.filter((step) => step.kind === "restore-collection");
  const notes: string[] = [];
  const restored = steps.filter((step) => whole.has(restoredName(step)));
  for (const [done, step] of restored.entries()) {
    const meta = await metas.get(step.collectionId);
    const query = { storage: target.storage, backup, collection: meta, signal, concurrency: limits.collections };
    await noteDifference(damage, step.from, async () => {
      notes.push(...(await drillCollection({ source, step, query, damage })));
    });
    progress({ phase: "compare", done: done + 1, total: steps.length, unit: "objects" });
  }
  return notes;
}

/** The restore's own steps are not the check's: of them only what a person should know comes through. */
function innerRun(run: Run, progress: Progress): Run {
  const { runId, signal, now } = run;
  let rows = 0;
  return createRun({
    runId,
    signal,
    now,
    display: { renderer: "silent" },
    onEvent: (event) => {
      if (event.type === "notice") run.record({ type: "notice", message: event.message });
      if (event.type !== "collection.finished") return;
      rows += event.rows;
      progress({ phase: "restore", done: rows, total: rows, unit: "rows" });
    },
  });
}

/**
 * What could not be restored since it is damaged is damage; what failed otherwise proves nothing of the backup. What a
 * partial backup lacks, it never had.
 */
function noteFailures({ collections, errors }: RunReport, damage: DamageLog): void {
  const failed = collections.flatMap(({ state, collection, error }) =>
    state === "missing" || error === undefined ? [] : [{ collection, error }],
  );
  const other = [...failed.map(({ error }) => error), ...errors].find(({ code }) => code !== "damaged");
  if (other !== undefined)
    throw new BackupError(other.code, `The drill failed: ${other.message}`, { hint: other.hint });
  for (const { collection, error } of failed) damage.add({ kind: "different", collection, message: error.message });
}

function nameOf({ collection, restoredTo = collection }: CollectionOutcome): string {
  return `${restoredTo.database}.${restoredTo.name}`;
}

function restoredName({ to }: RestoreCollectionStep): string {
  return `${to.database}.${to.name}`;
}
