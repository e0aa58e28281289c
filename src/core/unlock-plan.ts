import { BackupError } from "./errors.ts";

/** A lock that stands in a target, and who says that it is theirs. */
export interface TargetLock {
  readonly target: string;
  /** "shared" of who reads and writes there, "exclusive" of who deletes, "policy" of a run that others of its policy wait for. */
  readonly lock: "shared" | "exclusive" | "policy";
  readonly key: string;
  /** The run that it is of; its key's name where nothing else says it. */
  readonly run: string;
  /** What that run does; this and what follows is absent where the lock does not say it. */
  readonly kind?: string | undefined;
  readonly backup?: string | undefined;
  readonly policy?: string | undefined;
  readonly host?: string | undefined;
  readonly pid?: number | undefined;
  readonly startedAt?: string | undefined;
  readonly refreshedAt?: string | undefined;
  /** Since it was refreshed, by the store's clock. */
  readonly ageSeconds?: number | undefined;
  readonly state: "live" | "stale";
}

export interface UnlockRequest {
  /** The run whose locks are meant; all when absent. */
  readonly run?: string | undefined;
  /** Live ones of that run, too. */
  readonly force?: boolean | undefined;
}

/**
 * Which of these locks are to be removed: those that are stale, and a live one only of a run that is named, by force.
 * BackupErrors: "usage" for force without a name, "not-found" when that run holds none, "refused" when it lives.
 */
export function chooseUnlocked(
  locks: readonly TargetLock[],
  { run, force = false }: UnlockRequest,
): readonly TargetLock[] {
  if (run !== undefined) return chooseOf(locks, run, force);
  if (!force) return locks.filter(({ state }) => state === "stale");
  throw new BackupError("usage", "Cannot remove every lock by force: say whose lock is to go", {
    hint: "milvus-backup unlock shows them",
  });
}

function chooseOf(locks: readonly TargetLock[], run: string, force: boolean): readonly TargetLock[] {
  const own = locks.filter((lock) => isOf(lock, run));
  if (own.length === 0) {
    throw new BackupError("not-found", `There is no lock of a run ${run}`, { hint: "milvus-backup unlock shows them" });
  }
  const live = own.find(({ state }) => state === "live");
  if (live !== undefined && !force) throw isLive(live);
  return own;
}

/** A lease that another run holds for it is of both. */
function isOf({ run, key }: TargetLock, wanted: string): boolean {
  return run === wanted || key.slice(key.lastIndexOf("/") + 1) === wanted;
}

function isLive({ run, target, host, pid, ageSeconds }: TargetLock): BackupError {
  const where = host === undefined ? "" : ` on ${host}, process ${pid}`;
  const when = ageSeconds === undefined ? "" : `; it was refreshed ${ageSeconds} s ago`;
  return new BackupError("refused", `Cannot unlock ${target}: the run ${run}${where} may be alive${when}`, {
    hint: "end it there, or add --force when it is dead for certain; a run whose lock is removed commits nothing",
  });
}
