import { readDueInput } from "../catalog/due-input.ts";
import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { planChecks } from "../core/check-plan.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { findDueChecks } from "../core/due-checks.ts";
import type { DueCheck } from "../core/due-checks.ts";
import { worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { runChecks } from "../engine/run-checks.ts";
import { createLimit } from "../io/limit.ts";
import type { RunCaller } from "./caller.ts";
import type { CommandDeps } from "./command.ts";
import { execute } from "./execute.ts";
import { closeTarget, openSource, openTarget, targetName } from "./open-places.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";
import type { PrintOptions } from "./print-run.ts";
import { createCheckUnseal } from "./unseal.ts";
import { recordIn } from "./record-run.ts";
import { chooseSource, loadWorkspace, targetsOf } from "./workspace.ts";
import type { PlaceChoices } from "./workspace.ts";

interface DueOptions extends PrintOptions {
  readonly places: PlaceChoices;
}

/** Does what is due of the checks of these policies, of all of them without names. One that fails does not stop the others. */
export async function checkDue(deps: CommandDeps, names: readonly string[], options: DueOptions): Promise<ExitStatus> {
  const config = await loadWorkspace(deps, options.places);
  const policies = names.length > 0 ? names.map((name) => findPolicy(config, name)) : [...config.policies.values()];
  const statuses: ExitStatus[] = [];
  const places = policies
    .filter(({ checks }) => checks.length > 0)
    .flatMap((policy) => targetsOf(config, policy).map((target) => ({ policy, target })));
  for (const { policy, target } of places) {
    try {
      const plans = await planDue(config, { policy, target }, deps);
      for (const plan of plans) {
        const report = await runDue(config, { plan, policy, target }, toRunCaller(deps, options));
        statuses.push(printOutcome(deps, report, options));
      }
    } catch (error) {
      deps.signal.throwIfAborted();
      statuses.push(deps.fail(error, { policy: policy.name, target: targetName(target) }));
    }
  }
  if (statuses.length === 0 && !options.json) deps.print("No check is due");
  return worstStatus(statuses);
}

interface DueIn {
  readonly policy: Policy;
  readonly target: StorageSettings;
}

/** A plan for each backup that something is due of. */
async function planDue(
  config: LoadedConfig,
  { policy, target: settings }: DueIn,
  deps: CommandDeps,
): Promise<readonly Plan[]> {
  const { signal, now } = deps;
  await using target = await openTarget(config, settings, deps);
  const { name, checks: rules, source } = policy;
  const input = await readDueInput(target.storage, { policy: name, rules, signal });
  const due = findDueChecks({ rules, ...input, now: now(), source });
  const byBackup = new Map<string, DueCheck[]>();
  for (const check of due) byBackup.set(check.backup, [...(byBackup.get(check.backup) ?? []), check]);
  return [...byBackup].map(([backup, checks]) => ({ ...planChecks(backup, [target.name], checks), policy: name }));
}

interface DueRun extends DueIn {
  readonly plan: Plan;
}

async function runDue(config: LoadedConfig, { plan, policy, target }: DueRun, caller: RunCaller): Promise<RunReport> {
  const { limits } = config;
  const what = { policy: policy.name, source: policy.source, backup: plan.backup };
  const history = await recordIn(config, { action: "verify", ...what, targets: [target] }, caller);
  return await execute(config, { action: "verify", caller, history }, (run) =>
    runChecks(plan, {
      run,
      limits,
      objectLimit: createLimit(limits.objects),
      targets: [closeTarget(config, target, caller)],
      openSource: (name) => openSource(config, chooseSource(config, { choices: {}, caller }, name), caller),
      unseal: createCheckUnseal(config, {}, caller),
    }),
  );
}
