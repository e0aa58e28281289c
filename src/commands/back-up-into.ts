import type { LoadedConfig } from "../config/load-config.ts";
import type { HookScope } from "../core/contracts/hooks.ts";
import { outcomeOfReport } from "../core/hook-report.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { BackupOptions } from "../engine/backup.ts";
import { withHooks } from "../engine/hooks.ts";
import type { HookFrame } from "../engine/hooks.ts";
import type { OpenSource, OpenTarget } from "../engine/places.ts";
import type { Run } from "../engine/run.ts";
import { createLimit } from "../io/limit.ts";
import type { Caller } from "./caller.ts";
import { makePlan } from "./make-plan.ts";
import type { PlanOptions } from "./make-plan.ts";
import { openSource } from "./open-places.ts";
import type { OpenTargets } from "./open-targets.ts";
import { askedOf, findResumed, settleRequest } from "./resume-backup.ts";
import type { BackupRequest } from "./take-backup.ts";
import { createCheckUnseal, createFindDataKeys } from "./unseal.ts";
import { chooseSource } from "./workspace.ts";

interface OpenBackup {
  readonly request: BackupRequest;
  readonly run: Run;
  readonly source: OpenSource;
  readonly targets: OpenTargets;
  /** Of the target's inside. */
  readonly hooks: HookFrame;
  /** Told the backup's name, which may be that of an interrupted one. */
  readonly told: (backup: string) => void;
}

/** The backup itself, where everything is open: waits for its turn, plans, and carries that out. */
export async function backUpInto(
  config: LoadedConfig,
  { request, run, source, targets, hooks, told }: OpenBackup,
  caller: Caller,
): Promise<RunReport> {
  const { first: target, further: copyTo } = targets;
  await using _turn = await takeTurnOf(request, { run, source, target });
  const { resumed, notices } = await findResumed(request, { source, target }, caller);
  for (const message of notices) run.record({ type: "notice", message });
  const wanted = await settleRequest(request, { resumed, target }, caller);
  told(wanted.backup);
  const plan = await planAsPlanned(wanted, { source, targets, details: "needed" }, caller);
  const { runBackup } = await import("../engine/backup.ts");
  const { withGcPause } = await import("../engine/gc-pause.ts");
  const { policy, consistency, limits, prunes } = request;
  const encryption = target.encryption || undefined;
  const options = { policy, consistency, encryption, copyTo, prunes, asked: askedOf(request), resumed };
  const job = { run, source, target, limits, objectLimit: createLimit(limits.objects) };
  const means = meansOf(config, caller);
  return await around(hooks, "action", (inner) =>
    withGcPause(job, plan.gc, (gc) => runBackup(plan, job, { ...options, ...means, hooks: inner, gc })),
  );
}

/** What its checks and copies need besides. */
function meansOf(config: LoadedConfig, caller: Caller): Pick<BackupOptions, "openSource" | "unseal" | "findDataKeys"> {
  return {
    openSource: (name) => openSource(config, chooseSource(config, { choices: {}, caller }, name), caller),
    unseal: createCheckUnseal(config, {}, caller),
    findDataKeys: createFindDataKeys(config, {}, caller),
  };
}

/** Without a policy every run is for itself. */
async function takeTurnOf(
  { policy, schedule }: BackupRequest,
  { run, source, target }: { readonly run: Run; readonly source: OpenSource; readonly target: OpenTarget },
): Promise<AsyncDisposable | undefined> {
  if (policy === undefined) return undefined;
  const { takeTurn } = await import("../engine/take-turn.ts");
  const group = { policy: policy.name, source: source.name };
  return await takeTurn(run, target.storage, { group, overlap: schedule?.overlap ?? "skip" });
}

/** The plan; where one was looked at, it is the same, or "refused". */
export async function planAsPlanned(request: BackupRequest, options: PlanOptions, caller: Caller): Promise<Plan> {
  const { planned } = request;
  const plan = await makePlan(request, planned === undefined ? options : { ...options, details: "all" }, caller);
  if (planned !== undefined) (await import("./plan-file.ts")).refuseChanges(planned, plan);
  return plan;
}

export function around(
  frame: HookFrame,
  scope: HookScope,
  work: (inner: HookFrame) => Promise<RunReport>,
): Promise<RunReport> {
  return withHooks(frame, { scope, outcomeOf: outcomeOfReport }, work);
}
