import { openBackup } from "../../src/catalog/open-backup.ts";
import type { RunCaller } from "../../src/commands/caller.ts";
import { openSource, openTarget } from "../../src/commands/open-places.ts";
import { policyRequest } from "../../src/commands/policy-request.ts";
import { startRun } from "../../src/commands/start-run.ts";
import { planRequest } from "../../src/commands/take-backup.ts";
import { chooseSource, loadWorkspace } from "../../src/commands/workspace.ts";
import { findStorage } from "../../src/config/find.ts";
import type { Plan } from "../../src/core/plan.ts";
import type { RunReport } from "../../src/core/report.ts";
import { runBackup } from "../../src/engine/backup.ts";
import { openMetaStore } from "../../src/engine/meta-store.ts";
import type { Job, OpenSource } from "../../src/engine/places.ts";
import { prepareRestore, type RestoreRequest, runRestore } from "../../src/engine/restore.ts";
import { systemClock } from "../../src/io/clock.ts";
import { createLimit } from "../../src/io/limit.ts";
import type { Workspace } from "./workspace.ts";

export interface EngineJob extends Job, AsyncDisposable {
  readonly caller: RunCaller;
}

/** What the commands open and hand to the engine, for tests that step in between a plan and its run. */
export async function openJob(
  workspace: Workspace,
  names: { readonly source: string; readonly target: string },
): Promise<EngineJob> {
  const { path: cwd, env } = workspace;
  const { signal } = new AbortController();
  const caller: RunCaller = { cwd, env, signal, now: () => new Date(), display: { renderer: "silent" } };
  const config = await loadWorkspace(caller, {});
  const place = chooseSource(config, { choices: { source: names.source }, caller });
  const source = await openSource(config, place, caller);
  const target = await openTarget(config, findStorage(config, names.target), caller);
  return {
    caller,
    run: startRun(caller),
    source,
    target,
    limits: config.limits,
    objectLimit: createLimit(config.limits.objects),
    [Symbol.asyncDispose]: async () => {
      await source[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    },
  };
}

/** The same source with a clock that goes ten times as fast: the engine gives rows that differ half a minute to settle. */
export function hurry(source: OpenSource): OpenSource {
  const clock = { now: () => Date.now() * 10, sleep: systemClock.sleep };
  return { ...source, milvus: { ...source.milvus, clock } };
}

/** Plans what a policy asks for, lets something happen, then carries it out. */
export async function backUpAfter(job: EngineJob, policy: string, meanwhile: () => Promise<void>): Promise<RunReport> {
  const { caller } = job;
  const config = await loadWorkspace(caller, {});
  const request = policyRequest(config, policy, caller);
  const { plan } = await planRequest(config, request, caller);
  await meanwhile();
  const { consistency } = request;
  return await runBackup(plan, job, { consistency, policy: request.policy, asked: request.policy.digest });
}

/** Plans a restore, lets something happen, then carries it out. */
export async function restoreAfter(
  job: EngineJob,
  { backup, ...request }: Partial<RestoreRequest> & { readonly backup: string },
  meanwhile: (plan: Plan) => Promise<void>,
): Promise<RunReport> {
  const { source, target, run } = job;
  const opened = await openBackup(target.storage, backup);
  await using metas = await openMetaStore(run.runId);
  const whole: RestoreRequest = { select: [], onConflict: "fail", ...request };
  const plan = await prepareRestore({ source, target, opened, metas, signal: run.signal }, whole);
  await meanwhile(plan);
  const choices = { index: "same", aliases: "kept", load: false } as const;
  return await runRestore(plan, job, { opened, metas, request: whole, choices });
}
