import type { LoadedConfig } from "../config/load-config.ts";
import type { CheckRule } from "../core/contracts/checks.ts";
import type { Consistency, GcMode } from "../core/contracts/policy.ts";
import type { EncryptionConfig } from "../core/contracts/target.ts";
import type { Limits } from "../core/contracts/limits.ts";
import type { Selection } from "../core/contracts/selection.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { Hook } from "../core/contracts/hooks.ts";
import { isBackupError } from "../core/errors.ts";
import type { Schedule } from "../core/contracts/schedule.ts";
import { skippedReport } from "../core/hook-report.ts";
import type { BackupPlanInput } from "../core/backup-plan.ts";
import type { Plan } from "../core/plan.ts";
import type { PlannedSource, ReadPlanFile } from "../core/plan-file.ts";
import type { RunReport } from "../core/report.ts";
import type { HookFrame } from "../engine/hooks.ts";
import type { PruneGroup } from "../engine/decide-prune.ts";
import type { OpenSource } from "../engine/places.ts";
import type { HookHost } from "../engine/run-hook.ts";
import type { RunHistory } from "../engine/run-history.ts";
import type { Run } from "../engine/run.ts";
import type { ManifestPolicy } from "../format/manifest.ts";
import { around, backUpInto, planAsPlanned } from "./back-up-into.ts";
import type { Caller, RunCaller } from "./caller.ts";
import { execute } from "./execute.ts";
import { openHookFrame } from "./hook-frame.ts";
import { makePlan } from "./make-plan.ts";
import { openSource, targetName } from "./open-places.ts";
import { openTargets } from "./open-targets.ts";
import { recordIn } from "./record-run.ts";
import { findResumed, settleRequest } from "./resume-backup.ts";
import type { ResumeChoice } from "./resume-backup.ts";
import { withSchedule } from "./plan-schedule.ts";
import type { SourcePlace } from "./workspace.ts";

/** A backup as a policy or flags ask for it. */
export interface BackupRequest {
  readonly backup: string;
  readonly source: SourcePlace;
  /** The one whose turn to be written is first, and those that follow. */
  readonly target: StorageSettings;
  readonly furtherTargets?: readonly StorageSettings[] | undefined;
  readonly select: Selection;
  readonly consistency: Consistency;
  readonly gc: GcMode;
  /** By target; one that is not there is not encrypted. */
  readonly encryptions?: ReadonlyMap<string, EncryptionConfig> | undefined;
  readonly limits: Limits;
  readonly policy?: ManifestPolicy | undefined;
  /** Of the policy. */
  readonly hooks?: readonly Hook[] | undefined;
  /** Of the policy: those that are due are done once the backup is in its targets. */
  readonly checks?: readonly CheckRule[] | undefined;
  /** Of the policy: what its retention is about, once the backup is in its targets. */
  readonly prunes?: readonly PruneGroup[] | undefined;
  /** Of the policy: when it is due, and what another run that is under way means. */
  readonly schedule?: Schedule | undefined;
  /** Whether to go on with a backup that was interrupted; auto: when it is safe. never, when absent. */
  readonly resume?: ResumeChoice | undefined;
  /** The interrupted backup that this one goes on with. */
  readonly resumed?: BackupPlanInput["resumed"];
  /** Plan it only. */
  readonly dryRun?: boolean | undefined;
  /** A plan that was looked at: anything else is refused. */
  readonly planned?: ReadPlanFile | undefined;
}

/** Takes the backup, or plans it only; throws when it could not even begin. */
export async function takeBackup(
  config: LoadedConfig,
  request: BackupRequest,
  caller: RunCaller,
): Promise<Plan | RunReport> {
  if (!request.dryRun) {
    const history = await recordIn(config, { ...factsOf(request), targets: allTargets(request) }, caller);
    return execute(config, { action: "backup", caller, history }, (run) =>
      takeBetweenHooks(config, request, { run, caller, history }),
    );
  }
  await using source = await openSource(config, request.source, caller);
  await using targets = await openTargets(config, request, caller);
  const { resumed } = await findResumed(request, { source, target: targets.first }, caller);
  const wanted = await settleRequest(request, { resumed, target: targets.first }, caller);
  const plan = await planAsPlanned(wanted, { source, targets, details: "few" }, caller);
  return await withSchedule(plan, { request, target: targets.first }, caller);
}

/**
 * A source is connected and a target opened between the hooks of its own, so that these can make the way to it and close
 * it again. What a hook has skipped is a run, too, and has a report.
 */
async function takeBetweenHooks(
  config: LoadedConfig,
  request: BackupRequest,
  { run, caller, history }: { readonly run: Run; readonly caller: RunCaller; readonly history: RunHistory },
): Promise<RunReport> {
  let { backup } = request;
  const facts: HookHost["facts"] = {
    ...factsOf(request),
    get backup() {
      return backup; // known when the target is open: it may be an interrupted one
    },
  };
  const frame = openHookFrame(config, { run, facts, hooks: request.hooks ?? [], env: caller.env });
  const told = (name: string): void => void (backup = name);
  const take = async (source: OpenSource, inSource: HookFrame): Promise<RunReport> =>
    around(inSource, "target", async (inTarget) => {
      await using targets = await openTargets(config, request, caller);
      const places = { source, targets, hooks: inTarget, told };
      return await history.within(run, targets.first, () => backUpInto(config, { request, run, ...places }, caller));
    });
  try {
    return await around(frame, "run", (inRun) =>
      around(inRun, "source", async (inSource) => {
        await using source = await openSource(config, request.source, caller);
        return await take(source, inSource);
      }),
    );
  } catch (error) {
    if (!isBackupError(error) || error.code !== "skipped") throw error;
    return skippedReport({ runId: run.runId, ...facts, backup }, { reason: error.message, now: run.now() });
  }
}

function allTargets({ target, furtherTargets = [] }: BackupRequest): readonly StorageSettings[] {
  return [target, ...furtherTargets];
}

function factsOf({ backup, policy, source, target }: BackupRequest): HookHost["facts"] {
  return { action: "backup", policy: policy?.name, backup, source: source.source.name, target: targetName(target) };
}

export interface PlannedBackup {
  readonly plan: Plan;
  readonly source: PlannedSource;
}

/** What a backup would do, with about how much each part of it is: reads the source, writes nothing. */
export async function planRequest(
  config: LoadedConfig,
  request: BackupRequest,
  caller: Caller,
): Promise<PlannedBackup> {
  await using source = await openSource(config, request.source, caller);
  await using targets = await openTargets(config, { ...request, dryRun: true }, caller);
  const made = await makePlan(request, { source, targets, details: "all" }, caller);
  const plan = await withSchedule(made, { request, target: targets.first }, caller);
  const { address, version } = source.milvus;
  return { plan, source: { name: source.name, address, milvusVersion: version.text } };
}
