import { sumEstimates } from "./collection-facts.ts";
import type { CollectionName } from "./collection-name.ts";
import { describePassedOver, planCopies, withCopies } from "./copy-steps.ts";
import type { FurtherTarget } from "./copy-steps.ts";
import { formatName } from "./collection-name.ts";
import { BackupError } from "./errors.ts";
import { judgeCollections } from "./judge-collections.ts";
import type { JudgeInput } from "./judge-collections.ts";
import type { BackUpCollectionStep, CatchUpStep, PatternOutcome, Plan } from "./plan.ts";
import { formatPlural } from "./quantities.ts";
import { compileSelection, countMatches, matchedNothing, nameOf } from "./select.ts";

export interface BackupPlanInput extends JudgeInput {
  /** The targets in which it is encrypted. */
  readonly encrypted?: readonly string[] | undefined;
  readonly backup: string;
  readonly policy?: string | undefined;
  readonly source: string;
  /** Where it is written. */
  readonly target: string;
  /** Where it is copied then. */
  readonly furtherTargets?: readonly FurtherTarget[] | undefined;
  /** Earlier backups that some of these targets missed. */
  readonly catchUp?: readonly CatchUpStep[] | undefined;
  /** The run whose backup this one goes on with, and what it had captured. */
  readonly resumed?: { readonly runId: string; readonly startedAt: string; readonly captured: number } | undefined;
}

/** What a backup will take, and why. A BackupError "refused" when that is nothing, or less than a strict policy wants. */
export function planBackup(input: BackupPlanInput): Plan {
  const { backup, policy, source, target, select, furtherTargets = [], catchUp = [] } = input;
  const { steps: there, leftOut } = judgeCollections(input);
  const patterns = patternOutcomes(input);
  if (select.strict) refuseUnmatched(patterns, partitionsWithoutMatch(input, there));
  if (there.length === 0) throw nothingSelected(input);
  const estimate = sumEstimates(there.map((step) => step.estimate));
  const idle = [
    ...patterns.filter(isUnexpected).map(({ pattern }) => pattern),
    ...partitionsWithoutMatch(input, there),
  ];
  return {
    version: 1,
    action: "backup",
    backup,
    policy,
    source,
    target,
    steps: [
      { kind: "begin-backup", id: "begin", why: whyBegun(input) },
      ...there,
      ...namedButMissing(input),
      { kind: "commit-backup", id: "commit", why: "a backup counts once its meta files are written" },
      ...catchUp, // first: what is newer than a target's newest backup is what it missed
      ...planCopies(furtherTargets, { from: target, estimate }),
    ],
    selection: { patterns, leftOut },
    ...(estimate && { estimate: withCopies(estimate, furtherTargets.length) }),
    warnings: [
      ...describePassedOver(furtherTargets, target),
      ...describeEncrypted(input),
      ...idle.map((pattern) => `${pattern} matches no collection`),
    ],
  };
}

/** Nobody shall learn that in a disaster. */
function describeEncrypted({ encrypted = [], furtherTargets = [] }: BackupPlanInput): readonly string[] {
  if (encrypted.length === 0) return [];
  const where = encrypted.length > furtherTargets.length ? "" : ` in ${encrypted.join(" and ")}`;
  return [
    `encrypted${where}: without an identity of its recipients, and with the Go tool, nothing of it can be restored`,
  ];
}

function whyBegun({ backup, resumed }: BackupPlanInput): string {
  if (resumed === undefined) return `${backup} is not there yet`;
  const { runId, startedAt, captured } = resumed;
  return `${backup} goes on: the run ${runId} began it at ${startedAt}, captured ${formatPlural(captured, "collection")} and did not finish`;
}

function patternOutcomes({ select, inventory }: BackupPlanInput): readonly PatternOutcome[] {
  return (["include", "exclude"] as const).flatMap((kind) => {
    const counts = countMatches(select[kind], inventory);
    return select[kind].map((pattern, index) => ({ kind, pattern, matches: counts[index] ?? 0 }));
  });
}

/** A name that is not there is taken up as missing; everything of nothing is nothing. */
function isUnexpected({ matches, pattern }: PatternOutcome): boolean {
  return matches === 0 && nameOf(pattern) === undefined && pattern !== "*.*";
}

/** A policy that means to take partitions of a collection that is not taken is probably misspelt. */
function partitionsWithoutMatch(
  { select }: BackupPlanInput,
  steps: readonly BackUpCollectionStep[],
): readonly string[] {
  const idle = matchedNothing(
    Object.keys(select.partitions ?? {}),
    steps.map(({ collection }) => collection),
  );
  return idle.map((pattern) => `partitions: ${pattern}`);
}

function refuseUnmatched(patterns: readonly PatternOutcome[], partitions: readonly string[]): void {
  const includes = patterns.filter(({ kind, matches }) => kind === "include" && matches === 0);
  const unmatched = [...includes.map(({ pattern }) => pattern), ...partitions];
  if (unmatched.length === 0) return;
  throw new BackupError("refused", `The policy is strict, and nothing matches ${unmatched.join(", ")}`, {
    hint: "mend the patterns, or take out strict, and this is a warning",
    facts: { unmatched },
  });
}

function nothingSelected({ inventory, select }: BackupPlanInput): BackupError {
  return new BackupError("refused", `Nothing to back up: none of ${inventory.length} collections is selected`, {
    hint: `the policy includes ${select.include.join(", ")}; the source has ${inventory.slice(0, 5).map(formatName).join(", ") || "no collection"}`,
  });
}

/** A collection that the policy names is taken up although it is not there, so that the backup cannot call itself whole. */
function namedButMissing({ select, inventory }: BackupPlanInput): readonly BackUpCollectionStep[] {
  const decide = compileSelection(select);
  const steps = matchedNothing(select.include, inventory).flatMap((pattern) => {
    const name = nameOf(pattern);
    if (name === undefined || !decide(name).isSelected) return [];
    return [missingStep(name, `${pattern} names it, but the source does not have it`)];
  });
  return [...new Map(steps.map((step) => [step.id, step])).values()]; // "a" and "default.a" are one
}

function missingStep(collection: CollectionName, why: string): BackUpCollectionStep {
  return { kind: "back-up-collection", id: formatName(collection), why, collection, isNamed: true };
}
