import type { BackupEntry } from "../catalog/entry.ts";
import { readKept } from "../catalog/kept-backups.ts";
import type { Retention } from "../core/contracts/retention.ts";
import { allowedDeletions } from "../core/prune-guard.ts";
import type { PruneDecision } from "../core/prune-plan.ts";
import { decideRetention } from "../core/retention.ts";
import type { KeptBackup } from "../core/retention.ts";
import { createCatalogs } from "./catalogs.ts";
import type { Catalogs } from "./catalogs.ts";
import type { ClosedTarget } from "./places.ts";

/** The backups of one policy and source in one target, and how they are kept there. */
export interface PruneGroup {
  readonly policy: string;
  readonly source: string;
  readonly target: ClosedTarget;
  readonly retention: Retention;
  /** Targets that must have a backup before it may go here. */
  readonly required: readonly ClosedTarget[];
}

export interface Deciding {
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** A backup that is not there yet, for a look at what would be. */
  readonly expected?: KeptBackup | undefined;
  /** What others have listed already; the targets are listed for this alone when absent. */
  readonly catalogs?: Catalogs | undefined;
}

export interface DecidedPrune extends PruneDecision {
  readonly backups: readonly KeptBackup[];
}

/** What retention says of a group now; changes nothing. */
export async function decidePrune(group: PruneGroup, deciding: Deciding): Promise<DecidedPrune> {
  const { policy, target, retention, required } = group;
  const { now, expected, catalogs = createCatalogs(deciding) } = deciding;
  const copies = await Promise.all(
    required.map(async (place) => ({ place, has: (await catalogs.find(place)) ?? [] })), // nothing goes for the sake of what nobody can see
  );
  const backups = (await readGroup(group, { ...deciding, catalogs })).map((backup) => ({
    ...backup,
    missingIn: copies.filter(({ has }) => !has.some((other) => isCopy(other, backup))).map(({ place }) => place.name),
  }));
  const judged = expected === undefined ? backups : [...backups, expected];
  return {
    policy,
    target: target.name,
    allowed: allowedDeletions(backups.length, retention.maxDelete),
    verdicts: decideRetention(judged, retention, now().getTime()),
    backups,
  };
}

async function readGroup(
  { policy, source, target, retention: { adopt } }: PruneGroup,
  { signal, catalogs }: Pick<Deciding, "signal"> & { readonly catalogs: Catalogs },
): Promise<readonly KeptBackup[]> {
  const entries = await catalogs.list(target);
  await using opened = await target.open();
  return await readKept(opened.storage, { policy, source, adopt, entries }, { signal });
}

/** A copy has the name and the start of the first; one that is not whole is none. */
function isCopy(other: BackupEntry, { name, startedAt, state }: KeptBackup): boolean {
  return other.name === name && other.startedAt === startedAt && other.state === state && other.damaged === undefined;
}
