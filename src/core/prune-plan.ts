import { BackupError } from "./errors.ts";
import type { Plan } from "./plan.ts";
import { formatPlural } from "./quantities.ts";
import type { Verdict } from "./retention.ts";

/** What retention says of the backups of one policy in one target. */
export interface PruneDecision {
  readonly policy: string;
  readonly target: string;
  /** How many may go at once without being confirmed. */
  readonly allowed: number;
  readonly verdicts: readonly Verdict[];
}

/** What pruning came to in one target. */
export interface PruneOutcome extends PruneDecision {
  /** Of those that were to go, those that are gone. */
  readonly deleted: readonly string[];
}

export function doomedOf({ verdicts }: Pick<PruneDecision, "verdicts">): readonly Verdict[] {
  return verdicts.filter(({ verdict }) => verdict === "prune");
}

/** A BackupError "refused" when more would go than may go at once; a number that was confirmed stands for the limit. */
export function refuseTooMany(decision: PruneDecision, confirmed?: number): void {
  const { policy, target, allowed, verdicts } = decision;
  const count = doomedOf(decision).length;
  const limit = confirmed ?? allowed;
  if (count <= limit) return;
  const of = formatPlural(verdicts.length, "backup");
  throw new BackupError(
    "refused",
    `Nothing is pruned of ${policy} in ${target}: ${count} of ${of} would go, more than the ${limit} that may go at once`,
    {
      hint: `milvus-backup prune ${policy} shows them; with --yes --max-delete ${count} they go`,
      facts: { policy, target, count, limit },
    },
  );
}

/** What pruning one target will delete, and why each; undefined when it is nothing. */
export function planPrune(decision: PruneDecision): Plan | undefined {
  const { policy, target } = decision;
  const doomed = doomedOf(decision);
  if (doomed.length === 0) return undefined;
  return {
    version: 1,
    action: "prune",
    backup: "",
    policy,
    target,
    steps: doomed.map(({ name, reasons }) => ({
      kind: "delete-backup",
      id: name,
      why: reasons.join(", "),
      backup: name,
    })),
    warnings: [],
  };
}

/** What is done of a decision once it is known whether the newest backup can stand for those that go. */
export function onlyUnfinished(decision: PruneDecision, good: ReadonlySet<string>): PruneDecision {
  const why = "the backup of this run is not complete, or a check of it failed";
  const verdicts = decision.verdicts.map((one): Verdict =>
    one.verdict === "prune" && good.has(one.name) ? { ...one, verdict: "keep", reasons: [why] } : one,
  );
  return { ...decision, verdicts };
}

/** For a plan: what would go and why. */
export function formatDoomed(decision: PruneDecision): string {
  const doomed = doomedOf(decision);
  const kept = decision.verdicts.length - doomed.length;
  if (doomed.length === 0) return `retention deletes nothing, and keeps ${formatPlural(kept, "backup")}`;
  const over =
    doomed.length > decision.allowed ? `, which is refused: no more than ${decision.allowed} may go at once` : "";
  const each = doomed.map(({ name, reasons }) => `${name} (${reasons.join(", ")})`).join(", ");
  return `retention deletes ${each}, and keeps ${formatPlural(kept, "backup")}${over}`;
}

/** Of a run that did nothing but prune. */
export function formatPruned({ policy = "", target, steps }: Plan, deleted: readonly string[]): string {
  const all = `${deleted.length} of ${formatPlural(steps.length, "backup")} that no rule keeps`;
  return `${policy} in ${target}: ${all} deleted`;
}
