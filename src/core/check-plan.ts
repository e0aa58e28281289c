import type { CheckLevel, CheckPart } from "./check-level.ts";
import { checkStepId } from "./check-outcome.ts";
import { BackupError } from "./errors.ts";
import type { CheckStep, Plan } from "./plan.ts";

export interface CheckRequest {
  readonly level: CheckLevel;
  readonly part?: CheckPart | undefined;
  /** Of a drill, and of a spot check: the source's name. */
  readonly source?: string | undefined;
  /** Of a drill: what the scratch database's name begins with. */
  readonly database?: string | undefined;
  /** Whether what is missing or damaged is written anew. */
  readonly repair?: boolean | undefined;
  readonly why: string;
}

export function toCheckStep(
  place: { readonly backup: string; readonly target: string },
  request: CheckRequest,
): CheckStep {
  const { level, part, source, database, repair, why } = request;
  const partial = part === undefined || part.of === 1 ? {} : { part };
  return {
    kind: "check",
    id: checkStepId({ ...place, level, ...partial }),
    why,
    ...place,
    level,
    ...partial,
    ...(source !== undefined && { source }),
    ...(database !== undefined && { database }),
    ...(repair && { repair: true as const }),
  };
}

/** What a check of one backup will do: a step for each target that has it. */
export function planChecks(backup: string, targets: readonly string[], requests: readonly CheckRequest[]): Plan {
  const [target] = targets;
  if (target === undefined) throw new BackupError("not-found", `There is no backup ${backup}`);
  return {
    version: 1,
    action: "verify",
    backup,
    target,
    steps: targets.flatMap((name) => requests.map((request) => toCheckStep({ backup, target: name }, request))),
    warnings: [],
  };
}
