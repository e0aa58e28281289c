import type { LoadedConfig } from "../config/load-config.ts";
import type { Consistency, Limits, Selection, StorageSettings } from "../core/contracts/config.ts";
import type { Plan } from "../core/plan.ts";
import type { PlannedSource, ReadPlanFile } from "../core/plan-file.ts";
import type { RunReport } from "../core/report.ts";
import { createLimit } from "../io/limit.ts";
import type { Caller, RunCaller } from "./caller.ts";
import { makePlan } from "./make-plan.ts";
import { openSource, openTarget } from "./open-places.ts";
import { startRun } from "./start-run.ts";
import type { SourcePlace } from "./workspace.ts";

/** A backup as a policy or flags ask for it. */
export interface BackupRequest {
  readonly backup: string;
  readonly source: SourcePlace;
  readonly target: StorageSettings;
  readonly select: Selection;
  readonly consistency: Consistency;
  readonly limits: Limits;
  readonly policy?: { readonly name: string; readonly digest: string } | undefined;
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
  await using source = await openSource(config, request.source, caller);
  await using target = await openTarget(config, request.target, caller);
  const { limits, policy, consistency, planned, dryRun = false } = request;
  const details = planned === undefined ? (dryRun ? "few" : "needed") : "all";
  const plan = await makePlan(request, { source, target, details }, caller);
  if (planned !== undefined) (await import("./plan-file.ts")).refuseChanges(planned, plan);
  if (dryRun) return plan;
  const { runBackup } = await import("../engine/backup.ts");
  const job = { run: startRun(caller), source, target, limits, objectLimit: createLimit(limits.objects) };
  return await runBackup(plan, job, { policy, consistency });
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
  await using target = await openTarget(config, request.target, caller);
  const plan = await makePlan(request, { source, target, details: "all" }, caller);
  const { address, version } = source.milvus;
  return { plan, source: { name: source.name, address, milvusVersion: version.text } };
}
