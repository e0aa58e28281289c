import { randomUUID } from "node:crypto";
import type { Consistency } from "../core/contracts/config.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { TOOL_NAME, VERSION } from "../core/version.ts";
import type { DatabaseMeta } from "../format/meta.ts";
import type { Manifest, ManifestPolicy } from "../format/manifest.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { describeDatabase } from "../milvus/inventory.ts";
import type { CheckJob } from "./check-job.ts";
import { NO_GC_PAUSE } from "./gc-pause.ts";
import type { GcPause } from "./gc-pause.ts";
import { NO_HOOKS } from "./hooks.ts";
import type { HookFrame } from "./hooks.ts";
import { holdRunLease } from "./hold-run-lease.ts";
import { leaveManifest } from "./leave-manifest.ts";
import type { ClosedTarget, Job, OpenSource } from "./places.ts";
import { reportRun } from "./report-run.ts";
import { runSteps } from "./run-steps.ts";
import { backUpCollection } from "./runners/back-up-collection.ts";
import { beginBackup } from "./runners/begin-backup.ts";
import { catchUp } from "./runners/catch-up.ts";
import { commitBackup } from "./runners/commit-backup.ts";
import type { CommitWork } from "./runners/commit-backup.ts";
import { runCheck } from "./runners/check.ts";
import { copyToTarget } from "./runners/copy-backup.ts";
import { openSpool } from "./spool.ts";

export interface BackupOptions {
  readonly consistency: Consistency;
  /** Of the policy that asks for the backup, when one does. */
  readonly policy?: ManifestPolicy | undefined;
  /** Around each collection; none when absent. */
  readonly hooks?: HookFrame | undefined;
  /** In which it is taken; none when absent. */
  readonly gc?: GcPause | undefined;
  /** Those that the plan copies it to. */
  readonly copyTo?: readonly ClosedTarget[] | undefined;
  /** For the spot checks and drills of the plan. */
  readonly openSource?: CheckJob["openSource"];
}

/** Carries out a backup plan. It resolves also when the backup did not become whole: the report says so, and why. */
export async function runBackup(plan: Plan, job: Job, options: BackupOptions): Promise<RunReport> {
  const { run } = job;
  const startedAt = run.now();
  await using spool = await openSpool(run.runId);
  await using _lease = await holdRunLease(run, job.target.storage);
  const manifest = startManifest(plan, job, { ...options, startedAt });
  const databases = await describeDatabases(plan, job);
  const backupId = randomUUID();
  const planned = plan.steps.filter(({ kind }) => kind === "back-up-collection").length;
  const work: CommitWork = {
    consistency: options.consistency,
    hooks: options.hooks ?? NO_HOOKS,
    gc: options.gc ?? NO_GC_PAUSE,
    backup: plan.backup,
    backupId,
    spool,
    manifest,
    databases,
    planned,
    entries: [],
  };
  run.record({ type: "plan.made", plan });
  await runSteps(plan, run, {
    concurrency: job.limits.collections,
    runners: {
      "begin-backup": beginBackup(job, manifest),
      "back-up-collection": backUpCollection(job, work),
      "commit-backup": commitBackup(job, work),
      "catch-up": catchUp(job, options.copyTo ?? []),
      "copy-backup": copyToTarget(job, { backup: plan.backup, targets: options.copyTo ?? [] }),
      check: runCheck(checkJob(job, options)),
    },
  });
  const report = reportRun(plan, run, { startedAt });
  await leaveState(job, work, report);
  return report;
}

/** The lease in the target that is written is this run's already, and the target is open. */
function checkJob(job: Job, { copyTo = [], openSource }: BackupOptions): CheckJob {
  const { target } = job;
  const written: ClosedTarget = {
    name: target.name,
    open: async () => ({ ...target, [Symbol.asyncDispose]: async () => {} }),
  };
  return { ...job, targets: [written, ...copyTo], leased: new Set([target.name]), openSource };
}

async function leaveState({ run, target }: Job, work: CommitWork, { state, summary }: RunReport): Promise<void> {
  const begun = run.steps.get("begin") === "done";
  if (!begun || run.steps.get("commit") === "done") return;
  await leaveManifest(run, target.storage, {
    ...work.manifest,
    gc: work.gc.outcome(),
    state: state === "interrupted" ? "interrupted" : "failed",
    reason: summary,
    finishedAt: run.now().toISOString(),
    collections: work.entries,
  });
}

function startManifest(
  plan: Plan,
  { run, source }: Job,
  options: BackupOptions & { readonly startedAt: Date },
): Manifest {
  return {
    formatVersion: 1,
    tool: { name: TOOL_NAME, version: VERSION },
    runId: run.runId,
    backup: plan.backup,
    ...(options.policy && { policy: options.policy }),
    source: {
      name: source.name,
      address: source.milvus.address,
      milvusVersion: source.milvus.version.text,
      storage: source.segments.location,
    },
    mode: "full",
    consistency: options.consistency,
    gc: options.gc?.outcome(),
    state: "running",
    startedAt: options.startedAt.toISOString(),
    collections: [],
  };
}

/** The databases of the collections that are taken, as the Go tool records them. */
async function describeDatabases(plan: Plan, { source, run }: Job): Promise<readonly DatabaseMeta[]> {
  const names = new Set(
    plan.steps.flatMap((step) => (step.kind === "back-up-collection" ? [step.collection.database] : [])),
  );
  const described = await Promise.all([...names].map((name) => describeIfThere(source, name, run.signal)));
  return described.flatMap((database) => database ?? []);
}

/** A collection that the policy names may be of a database that is not there. */
async function describeIfThere(
  { milvus }: OpenSource,
  name: string,
  signal: AbortSignal,
): Promise<DatabaseMeta | undefined> {
  try {
    const { id, properties } = await describeDatabase(milvus, name, { signal });
    return { db_name: name, ...(id && { db_id: id }), ...(properties.length > 0 && { properties }) };
  } catch (error) {
    if (isMilvusError(error, "database-not-found")) return undefined;
    throw error;
  }
}
