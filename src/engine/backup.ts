import { randomUUID } from "node:crypto";
import type { Consistency } from "../core/contracts/policy.ts";
import type { EncryptionConfig } from "../core/contracts/target.ts";
import type { Lease } from "../catalog/lease.ts";
import { withoutIdentity } from "../catalog/unseal-backup.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { messageOf } from "../core/errors.ts";
import { TOOL_NAME, VERSION } from "../core/version.ts";
import type { DatabaseMeta } from "../format/meta.ts";
import type { Manifest, ManifestPolicy } from "../format/manifest.ts";
import type { DataKey } from "../seal/age-file.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { describeDatabase } from "../milvus/inventory.ts";
import type { CheckJob } from "./check-job.ts";
import type { FindDataKeys } from "./copy-form.ts";
import type { PruneGroup } from "./decide-prune.ts";
import type { ResumableBackup } from "./find-resumable.ts";
import { NO_GC_PAUSE } from "./gc-pause.ts";
import type { GcPause } from "./gc-pause.ts";
import { NO_HOOKS } from "./hooks.ts";
import type { HookFrame } from "./hooks.ts";
import { openLeases } from "./hold-run-lease.ts";
import { leaveManifest } from "./leave-manifest.ts";
import { stayingOpen } from "./places.ts";
import type { ClosedTarget, Job, OpenSource } from "./places.ts";
import { reportRun } from "./report-run.ts";
import type { Run } from "./run.ts";
import { openRunState } from "./run-state.ts";
import type { RunState } from "./run-state.ts";
import { runSteps } from "./run-steps.ts";
import { backUpCollection } from "./runners/back-up-collection.ts";
import { beginBackup } from "./runners/begin-backup.ts";
import { catchUp } from "./runners/catch-up.ts";
import { commitBackup } from "./runners/commit-backup.ts";
import type { CommitWork } from "./runners/commit-backup.ts";
import { pruneTarget } from "./runners/prune.ts";
import { runCheck } from "./runners/check.ts";
import { copyToTarget } from "./runners/copy-backup.ts";
import { sealJob, withoutCaptures } from "./seal-job.ts";
import { openSpool } from "./spool.ts";

export interface BackupOptions {
  readonly consistency: Consistency;
  /** Of the policy that asks for the backup, when one does. */
  readonly policy?: ManifestPolicy | undefined;
  /** The digest of what is asked for: who resumes the backup must ask for the same. */
  readonly asked: string;
  /** What an earlier run left of this backup, when this one goes on with it. */
  readonly resumed?: ResumableBackup | undefined;
  /** To whom it is encrypted; to nobody when absent. */
  readonly encryption?: EncryptionConfig | undefined;
  /** Around each collection; none when absent. */
  readonly hooks?: HookFrame | undefined;
  /** In which it is taken; none when absent. */
  readonly gc?: GcPause | undefined;
  /** Those that the plan copies it to. */
  readonly copyTo?: readonly ClosedTarget[] | undefined;
  /** Those of its targets that have retention. */
  readonly prunes?: readonly PruneGroup[] | undefined;
  /** For the spot checks and drills of the plan. */
  readonly openSource?: CheckJob["openSource"];
  /** For copies of earlier backups that are encrypted to others. */
  readonly findDataKeys?: FindDataKeys | undefined;
  /** For checks of encrypted backups. */
  readonly unseal?: CheckJob["unseal"];
}

/** Carries out a backup plan. It resolves also when the backup did not become whole: the report says so, and why. */
export async function runBackup(plan: Plan, job: Job, options: BackupOptions): Promise<RunReport> {
  const { run } = job;
  const startedAt = run.now();
  await using spool = await openSpool(run.runId);
  const what = { kind: "backup", backup: plan.backup, policy: options.policy?.name };
  await using leases = openLeases(run, job.target.storage, what);
  await leases.hold(run.runId);
  const { asked, resumed } = options;
  const manifest = startManifest(plan, job, { ...options, startedAt });
  const { runId } = manifest;
  const opened = openRunState({ storage: job.target.storage, runId, spool, signal: run.signal });
  const state = options.encryption === undefined ? opened : withoutCaptures(opened);
  const sealing = { backup: plan.backup, encryption: options.encryption, resumed: resumed?.manifest.encryption };
  const { job: sealed, dataKeys, encryption } = await sealJob(job, sealing);
  const copyJob = { ...job, findDataKeys: ownKeysFirst({ backup: plan.backup, dataKeys }, options.findDataKeys) };
  const databases = await describeDatabases(plan, job);
  const planned = plan.steps.filter(({ kind }) => kind === "back-up-collection").length;
  const work: CommitWork = {
    consistency: options.consistency,
    hooks: options.hooks ?? NO_HOOKS,
    gc: options.gc ?? NO_GC_PAUSE,
    backup: plan.backup,
    backupId: randomUUID(),
    spool,
    state,
    lease: leases,
    isResumed: resumed !== undefined,
    manifest,
    databases,
    planned,
    encryption,
    entries: [],
  };
  run.record({ type: "plan.made", plan });
  await runSteps(plan, run, {
    concurrency: job.limits.collections,
    runners: {
      "begin-backup": beginBackup(sealed, { manifest, asked, state, leases, resumed }),
      "back-up-collection": backUpCollection(sealed, work),
      "commit-backup": commitBackup(sealed, work),
      "catch-up": catchUp(copyJob, options.copyTo ?? []),
      "copy-backup": copyToTarget(copyJob, { backup: plan.backup, targets: options.copyTo ?? [] }),
      check: runCheck(checkJob(job, leases, options)),
      prune: pruneTarget(run, { plan, groups: options.prunes ?? [] }),
    },
  });
  const report = reportRun(plan, run, { startedAt });
  await leaveState(sealed, work, report);
  return report;
}

/** Of its own backup the run has the keys, for targets with other recipients. */
function ownKeysFirst(
  own: { readonly backup: string; readonly dataKeys: readonly DataKey[] | undefined },
  findDataKeys: FindDataKeys | undefined,
): FindDataKeys {
  return async (storage, backup, call) => {
    if (backup === own.backup && own.dataKeys !== undefined) return own.dataKeys;
    if (findDataKeys === undefined) throw withoutIdentity(backup);
    return await findDataKeys(storage, backup, call);
  };
}

/** The lease in the target that is written is this run's already, and the target is open, as is the source. */
function checkJob(job: Job, lease: Lease, { copyTo = [], openSource, unseal }: BackupOptions): CheckJob {
  const { target, source } = job;
  const targets = [stayingOpen(target), ...copyTo];
  const segments = { name: source.name, storage: source.segments, readableByMilvus: false };
  const places = { targets, source: stayingOpen({ ...segments, [Symbol.asyncDispose]: () => Promise.resolve() }) };
  return { ...job, targets, leased: new Map([[target.name, lease]]), openSource, unseal, repair: places };
}

async function leaveState({ run, target }: Job, work: CommitWork, { state, summary }: RunReport): Promise<void> {
  const begun = run.steps.get("begin") === "done";
  if (!begun || work.lease.isLost()) return; // what is there may be another's
  const isCommitted = run.steps.get("commit") === "done";
  await removeState(run, work.state, isCommitted);
  if (isCommitted) return;
  await leaveManifest(run, target.storage, {
    ...work.manifest,
    gc: work.gc.outcome(),
    state: state === "interrupted" ? "interrupted" : "failed",
    reason: summary,
    finishedAt: run.now().toISOString(),
    collections: work.entries,
  });
}

/** It is of no more use after the commit, nor before anything was captured; gc takes what cannot be removed now. */
async function removeState(run: Run, state: RunState, isCommitted: boolean): Promise<void> {
  try {
    if (isCommitted || !(await state.hasCaptures())) await state.remove();
  } catch (error) {
    run.record({ type: "notice", message: `The state of the run could not be removed: ${messageOf(error)}` });
  }
}

function startManifest(
  plan: Plan,
  { run, source }: Job,
  options: BackupOptions & { readonly startedAt: Date },
): Manifest {
  return {
    formatVersion: 1,
    tool: { name: TOOL_NAME, version: VERSION },
    runId: options.resumed?.runId ?? run.runId,
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
    startedAt: options.resumed?.manifest.startedAt ?? options.startedAt.toISOString(),
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
