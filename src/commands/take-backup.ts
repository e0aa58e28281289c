import type { LoadedConfig } from "../config/load-config.ts";
import type { Consistency, Limits, Selection, StorageSettings } from "../core/contracts/config.ts";
import type { CollectionName } from "../core/collection-name.ts";
import { BackupError } from "../core/errors.ts";
import { planBackup } from "../core/backup-plan.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { createLimit } from "../io/limit.ts";
import type { OpenSource, OpenTarget } from "../engine/places.ts";
import type { CommandDeps } from "./command.ts";
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
}

/** The plan of a backup: reads the source, writes nothing. */
export async function planRequest(config: LoadedConfig, request: BackupRequest, deps: CommandDeps): Promise<Plan> {
  await using source = await openSource(config, request.source, deps);
  await using target = await openTarget(config, request.target, deps);
  return await makePlan({ source, target }, request, deps);
}

/** Takes the backup; throws when it could not even begin. */
export async function takeBackup(
  config: LoadedConfig,
  request: BackupRequest,
  { deps, json }: { readonly deps: CommandDeps; readonly json: boolean },
): Promise<RunReport> {
  await using source = await openSource(config, request.source, deps);
  await using target = await openTarget(config, request.target, deps);
  const plan = await makePlan({ source, target }, request, deps);
  const { runBackup } = await import("../engine/backup.ts");
  const { limits, policy, consistency } = request;
  const job = { run: startRun(deps, { json }), source, target, limits, objectLimit: createLimit(limits.objects) };
  return await runBackup(plan, job, { policy, consistency });
}

interface Places {
  readonly source: OpenSource;
  readonly target: OpenTarget;
}

async function makePlan({ source, target }: Places, request: BackupRequest, deps: CommandDeps): Promise<Plan> {
  const { listInventory } = await import("../engine/inventory.ts");
  const { collections } = await listInventory(source.milvus, { signal: deps.signal });
  for (const warning of source.milvus.warnings) deps.warn(`warning: ${warning}`);
  if (request.consistency !== "meta-only") await refuseForeignStorage(source, collections, deps);
  return planBackup({
    ...request,
    source: source.name,
    target: target.name,
    policy: request.policy?.name,
    inventory: collections,
  });
}

/** A wrong bucket or root path is the most frequent reason for backups that hold nothing: it ends before the first write. */
async function refuseForeignStorage(
  source: OpenSource,
  collections: readonly CollectionName[],
  deps: CommandDeps,
): Promise<void> {
  const { checkStorage } = await import("../engine/check-source.ts");
  const { status, message, hint } = await checkStorage(source, collections, { signal: deps.signal });
  if (status === "failed")
    throw new BackupError("unreachable", `The storage is not this Milvus's own: ${message}`, { hint });
}
