import { readDueInput } from "../catalog/due-input.ts";
import { toCheckStep } from "../core/check-plan.ts";
import { findDueChecks } from "../core/due-checks.ts";
import { messageOf } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import type { CheckStep } from "../core/plan.ts";
import type { OpenTarget } from "../engine/places.ts";
import type { Caller } from "./caller.ts";
import type { OpenTargets } from "./open-targets.ts";
import type { BackupRequest } from "./take-backup.ts";

/** The steps for the checks that are due once the backup is in its targets; what cannot be told is a warning. */
export async function planDueChecks(
  request: BackupRequest,
  { first, further }: OpenTargets,
  caller: Caller,
): Promise<{ readonly steps: readonly CheckStep[]; readonly warnings: readonly string[] }> {
  const steps: CheckStep[] = [];
  const warnings: string[] = [];
  const { checks: rules = [] } = request;
  if (rules.length === 0) return { steps, warnings };
  steps.push(...(await stepsIn(request, first, caller)));
  for (const { name, open } of further) {
    try {
      await using target = await open();
      steps.push(...(await stepsIn(request, target, caller)));
    } catch (error) {
      caller.signal.throwIfAborted();
      if (toEventError(error).code === "bug") throw error;
      warnings.push(`the checks in ${name} cannot be planned: ${messageOf(error)}`);
    }
  }
  return { steps, warnings };
}

async function stepsIn(request: BackupRequest, target: OpenTarget, caller: Caller): Promise<readonly CheckStep[]> {
  const { checks: rules = [], policy, backup: making, source } = request;
  const { signal, now } = caller;
  const input = await readDueInput(target.storage, { policy: policy?.name ?? "", rules, making, signal });
  const due = findDueChecks({ rules, ...input, now: now(), source: source.source.name });
  return due.map(({ backup, ...check }) => toCheckStep({ backup, target: target.name }, check));
}
