import { listKept } from "../catalog/kept-backups.ts";
import type { Retention } from "../core/contracts/retention.ts";
import { toEventError } from "../core/event-error.ts";
import { allowedDeletions } from "../core/prune-guard.ts";
import type { PruneDecision } from "../core/prune-plan.ts";
import { decideRetention } from "../core/retention.ts";
import type { KeptBackup } from "../core/retention.ts";
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
}

export interface DecidedPrune extends PruneDecision {
  readonly backups: readonly KeptBackup[];
}

/** What retention says of a group now; changes nothing. */
export async function decidePrune(group: PruneGroup, { signal, now, expected }: Deciding): Promise<DecidedPrune> {
  const { policy, target, retention, required } = group;
  const call = { signal, now };
  const copies = await Promise.all(
    required.map(async (place) => ({ place, has: await readCopies(group, place, call) })),
  );
  const backups = (await readGroup(group, target, call)).map((backup) => ({
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

type Reading = Pick<Deciding, "signal" | "now">;

async function readGroup(
  { policy, source, retention: { adopt } }: PruneGroup,
  place: ClosedTarget,
  call: Reading,
): Promise<readonly KeptBackup[]> {
  await using target = await place.open();
  return await listKept(target.storage, { policy, source, adopt }, call);
}

/** What cannot be looked at has nothing, as far as anybody knows: nothing goes for its sake. */
async function readCopies(group: PruneGroup, place: ClosedTarget, call: Reading): Promise<readonly KeptBackup[]> {
  try {
    return await readGroup(group, place, call);
  } catch (error) {
    call.signal.throwIfAborted();
    if (toEventError(error).code === "bug") throw error;
    return [];
  }
}

/** A copy has the name and the start of the first; one that is not whole is none. */
function isCopy(other: KeptBackup, { name, startedAt, state }: KeptBackup): boolean {
  return other.name === name && other.startedAt === startedAt && other.state === state && other.damaged === undefined;
}
