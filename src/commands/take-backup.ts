import type { LoadedConfig } from "../config/load-config.ts";
import type { Consistency, Limits, Selection, StorageSettings } from "../core/contracts/config.ts";
import type { CollectionName } from "../core/collection-name.ts";
import { BackupError } from "../core/errors.ts";
import { planBackup } from "../core/backup-plan.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { createLimit } from "../io/limit.ts";
import type { OpenSource, OpenTarget } from "../engine/places.ts";
import type { Caller, RunCaller } from "./caller.ts";
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
}

/** Takes the backup, or plans it only; throws when it could not even begin. */
export async function takeBackup(
  config: LoadedConfig,
  request: BackupRequest,
  caller: RunCaller,
): Promise<Plan | RunReport> {
  if (request.dryRun) return planRequest(config, request, caller);
  await using source = await openSource(config, request.source, caller);
  await using target = await openTarget(config, request.target, caller);
  const plan = await makePlan({ source, target }, request, caller);
  const { runBackup } = await import("../engine/backup.ts");
  const { limits, policy, consistency } = request;
  const job = { run: startRun(caller), source, target, limits, objectLimit: createLimit(limits.objects) };
  return await runBackup(plan, job, { policy, consistency });
}

/** The plan of a backup: reads the source, writes nothing. */
export async function planRequest(config: LoadedConfig, request: BackupRequest, caller: Caller): Promise<Plan> {
  await using source = await openSource(config, request.source, caller);
  await using target = await openTarget(config, request.target, caller);
  return await makePlan({ source, target }, request, caller);
}

interface Places {
  readonly source: OpenSource;
  readonly target: OpenTarget;
}

async function makePlan({ source, target }: Places, request: BackupRequest, caller: Caller): Promise<Plan> {
  const { listInventory } = await import("../engine/inventory.ts");
  const { collections } = await listInventory(source.milvus, { signal: caller.signal });
  if (request.consistency !== "meta-only") await refuseForeignStorage(source, collections, caller);
  const plan = planBackup({
    ...request,
    source: source.name,
    target: target.name,
    policy: request.policy?.name,
    inventory: collections,
  });
  return { ...plan, warnings: [...source.milvus.warnings, ...plan.warnings] };
}

/** A wrong bucket or root path is the most frequent reason for backups that hold nothing: it ends before the first write. */
async function refuseForeignStorage(
  source: OpenSource,
  collections: readonly CollectionName[],
  caller: Caller,
): Promise<void> {
  const { checkStorage } = await import("../engine/check-source.ts");
  const { status, message, hint } = await checkStorage(source, collections, { signal: caller.signal });
  if (status === "failed")
    throw new BackupError("unreachable", `The storage is not this Milvus's own: ${message}`, { hint });
}
