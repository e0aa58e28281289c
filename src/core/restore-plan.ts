import { formatName } from "./collection-name.ts";
import type { CollectionName, CollectionPart } from "./collection-name.ts";
import { BackupError } from "./errors.ts";
import type { ConflictPolicy, Plan, RestoreCollectionStep, Step } from "./plan.ts";
import { formatBytes, formatCount } from "./quantities.ts";
import { planRenames } from "./rename.ts";
import type { Renaming } from "./rename.ts";
import { compileSelection, matchedNothing } from "./select.ts";

/** A collection as a backup holds it. */
export interface BackedUpCollection {
  /** Decimal. */
  readonly id: string;
  readonly name: CollectionName;
  readonly rows: number;
  readonly bytes: number;
  /** Which of its partitions are in the backup, when they are not all. */
  readonly part?: CollectionPart | undefined;
}

export interface RestorePlanInput {
  readonly backup: string;
  readonly source: string;
  readonly target: string;
  readonly collections: readonly BackedUpCollection[];
  /** What the backup itself says is not in it. */
  readonly missing: readonly MissingCollection[];
  /** Globs on the names in the backup; empty for all of them. */
  readonly select: readonly string[];
  readonly suffix?: string | undefined;
  readonly renames?: readonly string[] | undefined;
  readonly onConflict: ConflictPolicy;
  /** What the Milvus that is restored into has. */
  readonly databases: readonly string[];
  readonly existing: readonly CollectionName[];
  readonly files: "in-place" | "copied";
}

/** A collection that was to be in the backup. */
export interface MissingCollection {
  readonly name: CollectionName;
  readonly reason: string;
}

/** Of what a backup lacks, that which the selection asks for. */
export function missingIn(
  missing: readonly MissingCollection[],
  select: readonly string[],
): readonly MissingCollection[] {
  const decide = compileSelection({ include: select.length === 0 ? ["*.*"] : select, exclude: [] });
  return missing.filter(({ name }) => decide(name).isSelected);
}

/** What a restore will make, and why. A BackupError when it would touch what it must not, or nothing at all. */
export function planRestore(input: RestorePlanInput): Plan {
  const { backup, source, target, onConflict } = input;
  const chosen = chooseCollections(input);
  const renamings = renameAll(input, chosen);
  const existing = new Set(input.existing.map(formatName));
  const conflicts = renamings.filter(({ to }) => existing.has(formatName(to)));
  if (onConflict === "fail" && conflicts.length > 0) throw conflict(conflicts);
  if (onConflict === "replace") refusePartsFor(conflicts, chosen);
  const byName = new Map(chosen.map((collection) => [formatName(collection.name), collection]));
  const steps = renamings.flatMap((renaming) => {
    const collection = byName.get(formatName(renaming.from));
    const isThere = existing.has(formatName(renaming.to));
    return collection === undefined || (isThere && onConflict === "skip")
      ? []
      : [toStep(input, { collection, renaming, isThere })];
  });
  return {
    version: 1,
    action: "restore",
    backup,
    source,
    target,
    steps: [...databaseSteps(steps, input.databases), ...steps],
    warnings: [...warningsOf(input, conflicts), ...chosen.flatMap(partWarning)],
  };
}

/** The collections of the backup that the selection leaves out of nothing: all, or those that the globs match. */
function chooseCollections({ backup, collections, missing, select }: RestorePlanInput): readonly BackedUpCollection[] {
  if (select.length === 0) return collections;
  const known = [...collections, ...missing].map(({ name }) => name);
  const unknown = matchedNothing(select, known);
  if (unknown.length > 0) {
    throw new BackupError("not-found", `The backup ${backup} has no ${unknown.join(", ")}`, {
      hint: `it has ${known.slice(0, 10).map(formatName).join(", ")}`,
    });
  }
  const decide = compileSelection({ include: select, exclude: [] });
  return collections.filter(({ name }) => decide(name).isSelected);
}

function renameAll({ suffix, renames }: RestorePlanInput, chosen: readonly BackedUpCollection[]): readonly Renaming[] {
  const { targets, problems } = planRenames(
    chosen.map(({ name }) => name),
    { suffix, renames },
  );
  if (problems.length > 0) throw new BackupError("usage", problems.join("; "), { facts: { problems } });
  return targets;
}

interface Choice {
  readonly collection: BackedUpCollection;
  readonly renaming: Renaming;
  readonly isThere: boolean;
}

function toStep(input: RestorePlanInput, { collection, renaming, isThere }: Choice): RestoreCollectionStep {
  const mode = isThere && input.onConflict !== "fail" && input.onConflict !== "skip" ? input.onConflict : "create";
  return {
    kind: "restore-collection",
    id: formatName(renaming.to),
    why: `${formatCount(collection.rows)} rows, ${formatBytes(collection.bytes)} of ${formatName(renaming.from)}; ${MODE_REASONS[mode]}`,
    collectionId: collection.id,
    from: renaming.from,
    to: renaming.to,
    mode,
    files: input.files,
    rows: collection.rows,
    bytes: collection.bytes,
  };
}

const MODE_REASONS: Readonly<Record<RestoreCollectionStep["mode"], string>> = {
  create: "the name is free",
  replace: "restored aside, compared, then put in the place of the one that is there",
  append: "imported into the one that is there",
};

function databaseSteps(steps: readonly RestoreCollectionStep[], databases: readonly string[]): readonly Step[] {
  const needed = new Map(steps.map(({ to, from }) => [to.database, from.database]));
  return [...needed]
    .filter(([database]) => !databases.includes(database))
    .map(([database, like]) => ({
      kind: "create-database",
      id: `database ${database}`,
      why: "it is not there",
      database,
      like,
    }));
}

function conflict(conflicts: readonly Renaming[]): BackupError {
  const names = conflicts.map(({ to }) => formatName(to));
  return new BackupError("refused", `Already there: ${names.slice(0, 10).join(", ")}`, {
    hint: "give other names with --suffix or --rename, or say --on-conflict skip, replace or append",
    facts: { collections: names },
  });
}

/** What is there has partitions that the backup does not: they would be gone. */
function refusePartsFor(conflicts: readonly Renaming[], chosen: readonly BackedUpCollection[]): void {
  const parts = new Set(chosen.filter(({ part }) => part !== undefined).map(({ name }) => formatName(name)));
  const names = conflicts.filter(({ from }) => parts.has(formatName(from))).map(({ to }) => formatName(to));
  if (names.length === 0) return;
  throw new BackupError("refused", `Cannot replace ${names.join(", ")}: the backup has a part of its partitions only`, {
    hint: "restore it under another name with --suffix or --rename, or say --on-conflict append",
    facts: { collections: names },
  });
}

function partWarning({ name, part }: BackedUpCollection): readonly string[] {
  if (part === undefined) return [];
  const { taken, of } = part;
  return [`${formatName(name)} is in the backup with ${taken.length} of its ${of} partitions: ${taken.join(", ")}`];
}

function warningsOf(
  { missing, select, onConflict }: RestorePlanInput,
  conflicts: readonly Renaming[],
): readonly string[] {
  const skipped =
    onConflict === "skip" ? conflicts.map(({ to }) => `${formatName(to)} is there and is left as it is`) : [];
  return [
    ...missingIn(missing, select).map(({ name, reason }) => `${formatName(name)} is not in the backup: ${reason}`),
    ...skipped,
  ];
}
