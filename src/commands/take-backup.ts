import type { LoadedConfig } from "../config/load-config.ts";
import type { CollectionName } from "../core/collection-name.ts";
import { planBackup } from "../core/backup-plan.ts";
import type { Consistency, Limits, Selection, StorageSettings } from "../core/contracts/config.ts";
import type { Hook, HookScope } from "../core/contracts/hooks.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import { planHooks } from "../core/hook-plan.ts";
import { outcomeOfReport, skippedReport } from "../core/hook-report.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { withHooks } from "../engine/hooks.ts";
import type { HookFrame } from "../engine/hooks.ts";
import type { OpenSource, OpenTarget } from "../engine/places.ts";
import type { HookHost } from "../engine/run-hook.ts";
import type { Run } from "../engine/run.ts";
import { createLimit } from "../io/limit.ts";
import type { Caller, RunCaller } from "./caller.ts";
import { execute } from "./execute.ts";
import { openHookFrame } from "./hook-frame.ts";
import { openSource, openTarget, targetName } from "./open-places.ts";
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
  /** Of the policy. */
  readonly hooks?: readonly Hook[] | undefined;
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
  return execute(config, { action: "backup", caller }, (run) => takeBetweenHooks(config, request, { run, caller }));
}

/**
 * A source is connected and a target opened between the hooks of its own, so that these can make the way to it and close
 * it again. What a hook has skipped is a run, too, and has a report.
 */
async function takeBetweenHooks(
  config: LoadedConfig,
  request: BackupRequest,
  { run, caller }: { readonly run: Run; readonly caller: RunCaller },
): Promise<RunReport> {
  const facts = factsOf(request);
  const frame = openHookFrame(config, { run, facts, hooks: request.hooks ?? [], env: caller.env });
  const take = async (source: OpenSource, inSource: HookFrame): Promise<RunReport> =>
    around(inSource, "target", async (inTarget) => {
      await using target = await openTarget(config, request.target, caller);
      const plan = await makePlan({ source, target }, request, caller);
      const { runBackup } = await import("../engine/backup.ts");
      const { policy, consistency, limits } = request;
      const job = { run, source, target, limits, objectLimit: createLimit(limits.objects) };
      return await around(inTarget, "action", (hooks) => runBackup(plan, job, { policy, consistency, hooks }));
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
    return skippedReport({ runId: run.runId, ...facts }, { reason: error.message, now: run.now() });
  }
}

function around(
  frame: HookFrame,
  scope: HookScope,
  work: (inner: HookFrame) => Promise<RunReport>,
): Promise<RunReport> {
  return withHooks(frame, { scope, outcomeOf: outcomeOfReport }, work);
}

function factsOf({ backup, policy, source, target }: BackupRequest): HookHost["facts"] {
  return { action: "backup", policy: policy?.name, backup, source: source.source.name, target: targetName(target) };
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
  const hooks = planHooks(request.hooks ?? [], "backup");
  return {
    ...plan,
    ...(hooks.length > 0 && { hooks }),
    warnings: [...source.milvus.warnings, ...plan.warnings],
  };
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
