import { holdPolicyLock } from "../catalog/policy-lock.ts";
import type { BackupGroup } from "../core/catch-up.ts";
import type { OverlapPolicy } from "../core/contracts/schedule.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import { systemClock } from "../io/clock.ts";
import type { Clock } from "../io/clock.ts";
import { pollUntil } from "../io/poll-until.ts";
import { lockOwner } from "./lock-owner.ts";
import type { Run } from "./run.ts";

export interface Turn {
  readonly group: BackupGroup;
  /** What to do when another run of the group is under way. */
  readonly overlap: OverlapPolicy;
}

/** For so long a run is queued behind another one. */
export const QUEUE_MS: number = 6 * 3_600_000;

const LOOK_AGAIN_MS = 5000;

/**
 * Waits for nothing, or in a queue for the other run's end; then this run is the only one of its policy and source in the
 * target, until it is disposed. BackupErrors: "skipped" and "locked", as the overlap policy says.
 */
export async function takeTurn(
  run: Pick<Run, "runId" | "record" | "now" | "signal">,
  storage: Storage,
  { group, overlap, clock = systemClock }: Turn & { readonly clock?: Clock },
): Promise<AsyncDisposable> {
  const owner = await lockOwner(run, { kind: "run", policy: group.policy });
  const { signal } = run;
  const notice = (message: string): void => run.record({ type: "notice", message });
  const onFailure = (error: unknown): void => notice(`The lock of the policy could not be kept: ${String(error)}`);
  const hold = (): Promise<AsyncDisposable> => holdPolicyLock(storage, { group, owner, onFailure, signal });
  if (overlap === "queue") return await queue(hold, { notice, signal, clock });
  try {
    return await hold();
  } catch (error) {
    if (overlap === "fail" || !isLocked(error)) throw error;
    throw new BackupError("skipped", `Left out: ${startSmall(error.message)}`, { cause: error });
  }
}

interface Queueing {
  readonly notice: (message: string) => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

async function queue(
  hold: () => Promise<AsyncDisposable>,
  { notice, signal, clock }: Queueing,
): Promise<AsyncDisposable> {
  const deadline = clock.now() + QUEUE_MS;
  let told: string | undefined;
  const look = async (): Promise<AsyncDisposable | undefined> => {
    try {
      return await hold();
    } catch (error) {
      if (!isLocked(error) || clock.now() >= deadline) throw error;
      if (told !== error.message) notice(`${error.message}; this one waits for its end`);
      told = error.message;
      return undefined;
    }
  };
  return await pollUntil(look, { what: "the other run's end", intervalMs: LOOK_AGAIN_MS, signal, deadline, clock });
}

function isLocked(error: unknown): error is BackupError {
  return isBackupError(error) && error.code === "locked";
}

function startSmall(sentence: string): string {
  return `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`;
}
