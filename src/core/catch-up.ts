import type { CatchUpStep } from "./plan.ts";
import { formatBytes } from "./quantities.ts";

/** What deciding needs to know of a backup in a target. */
export interface CatalogEntry {
  readonly name: string;
  readonly state: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string | null;
  readonly bytes: number;
  readonly policy?: string | undefined;
  readonly source?: string | undefined;
  readonly damaged?: string | undefined;
}

/** A target of the policy that could be looked at, and what is in it. */
export interface TargetCatalog {
  readonly name: string;
  readonly entries: readonly CatalogEntry[];
}

/** Whose backups are caught up. */
export interface BackupGroup {
  readonly policy: string;
  readonly source: string;
}

/**
 * What each target missed while it was down, the oldest first: whole backups of the policy that another target has and
 * that are newer than its own newest one, and those whose copy to it was stopped. Older ones it may have pruned; a target
 * that has none yet begins with the backup of this run.
 */
export function planCatchUp(catalogs: readonly TargetCatalog[], group: BackupGroup): readonly CatchUpStep[] {
  return catalogs.flatMap((to) => {
    const isMissed = missedBy(to.entries, group);
    const found = catalogs.flatMap((from) =>
      from === to
        ? []
        : wholeOf(from.entries, group)
            .filter(isMissed)
            .map((entry) => ({ entry, from: from.name })),
    );
    const firsts = new Map(found.toReversed().map((one) => [one.entry.name, one]));
    return [...firsts.values()].toSorted(oldestFirst).map((one) => toStep(one, to.name));
  });
}

function missedBy(entries: readonly CatalogEntry[], group: BackupGroup): (entry: CatalogEntry) => boolean {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const newest = wholeOf(entries, group)
    .map(startOf)
    .reduce((a, b) => (a > b ? a : b), "");
  return (entry) => {
    const own = byName.get(entry.name);
    if (own === undefined) return newest !== "" && startOf(entry) > newest;
    return own.startedAt === entry.startedAt && (own.state === "failed" || own.state === "interrupted");
  };
}

function wholeOf(entries: readonly CatalogEntry[], { policy, source }: BackupGroup): readonly CatalogEntry[] {
  return entries.filter(
    (entry) =>
      entry.policy === policy &&
      entry.source === source &&
      entry.damaged === undefined &&
      (entry.state === "complete" || entry.state === "partial"),
  );
}

function startOf({ startedAt }: CatalogEntry): string {
  return startedAt ?? "";
}

interface Missed {
  readonly entry: CatalogEntry;
  readonly from: string;
}

function oldestFirst({ entry: a }: Missed, { entry: b }: Missed): number {
  return startOf(a) < startOf(b) ? -1 : 1;
}

function toStep({ entry, from }: Missed, target: string): CatchUpStep {
  const { name: backup, bytes } = entry;
  const why = `${target} does not have it whole, ${from} does; about ${formatBytes(bytes)}`;
  return { kind: "catch-up", id: `copy ${backup} to ${target}`, why, backup, from, target };
}
