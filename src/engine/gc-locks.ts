import { isLive, readLocks } from "../catalog/read-locks.ts";
import type { Lock } from "../catalog/read-locks.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import type { Garbage } from "../core/garbage.ts";
import { controlKeys, CONTROL_DIRECTORY } from "../format/keys.ts";
import { objectsIn } from "../io/list-objects.ts";
import { toGarbage } from "./to-garbage.ts";

export interface LocksQuery extends Call {
  /** By the store's clock, in milliseconds since 1970. */
  readonly nowMs: number;
}

/** The runs that have a lease in this target which was refreshed lately, and those that they go on for. */
export async function findLiveRuns(storage: Storage, { nowMs, signal }: LocksQuery): Promise<ReadonlySet<string>> {
  const live = (await readLocks(storage, "shared", { signal })).filter((lock) => isLive(lock, { now: nowMs }));
  return new Set(live.flatMap(({ name, body }) => [name, ...(body === undefined ? [] : [body.runId])]));
}

/** Leases and locks of the dead, and what their looks at the clock have left. The highest number stays: it is counted from. */
export async function findDeadLocks(storage: Storage, query: LocksQuery): Promise<readonly Garbage[]> {
  const { nowMs, signal } = query;
  const shared = (await readLocks(storage, "shared", { signal })).filter((lock) => !isLive(lock, { now: nowMs }));
  const exclusive = await readLocks(storage, "exclusive", { signal });
  const highest = Math.max(...exclusive.map(({ name }) => Number(name)).filter(Number.isSafeInteger));
  const superseded = exclusive.filter((lock) => Number(lock.name) < highest && !isLive(lock, { now: nowMs }));
  const locks = CONTROL_DIRECTORY + "/locks/";
  const why = new Map([
    ...shared.map((lock) => [lock.key, whyDead(lock)] as const),
    ...superseded.map(({ key }) => [key, "a lock that a later one has superseded"] as const),
  ]);
  const garbage: Garbage[] = [];
  for await (const info of objectsIn(storage, locks, query)) {
    const reason = info.key.startsWith(TIMES) ? "a look at the clock that was stopped" : why.get(info.key);
    if (reason !== undefined) garbage.push(toGarbage({ kind: "lock", place: info.key, why: reason }, info));
  }
  return garbage;
}

const TIMES = controlKeys.time("_").slice(0, -1);

function whyDead({ name, body }: Lock): string {
  return body === undefined ? `a lease that nobody holds` : `the lease of the ${body.kind} ${name}, which has died`;
}
