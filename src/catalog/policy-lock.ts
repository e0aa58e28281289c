import type { BackupGroup } from "../core/catch-up.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { controlKeys } from "../format/keys.ts";
import { systemClock } from "../io/clock.ts";
import type { Clock } from "../io/clock.ts";
import { holdExclusiveLock } from "./exclusive-lock.ts";
import type { ExclusiveLock, ExclusiveLockOptions } from "./exclusive-lock.ts";
import { describeHolder } from "./locked-by.ts";
import { isLive, readLocksIn } from "./read-locks.ts";
import type { Lock } from "./read-locks.ts";

export interface PolicyLockOptions extends Omit<ExclusiveLockOptions, "directory" | "refusal"> {
  readonly group: BackupGroup;
}

/**
 * Makes this run the one of its policy and source in the target, until it is disposed; BackupError "locked" while another
 * one is. Of several that begin at the same moment one goes on: who writes the next number first has it, and nobody who
 * has written it backs off.
 */
export function holdPolicyLock(storage: Storage, { group, ...options }: PolicyLockOptions): Promise<ExclusiveLock> {
  const directory = controlKeys.policyLocks(group);
  return holdExclusiveLock(storage, { ...options, directory, refusal: (lock) => overlaps(group, lock) });
}

/** The run of this policy and source that is under way, as a sentence; undefined when there is none. Writes nothing. */
export async function findPolicyRun(
  storage: Storage,
  group: BackupGroup,
  { clock = systemClock, ...call }: Call & { readonly clock?: Clock } = {},
): Promise<string | undefined> {
  const locks = await readLocksIn(storage, controlKeys.policyLocks(group), call);
  const live = locks.find((lock) => isLive(lock, { now: clock.now() }));
  return live && describeRun(group, live);
}

function overlaps(group: BackupGroup, lock: Lock): BackupError {
  const { key, name, body } = lock;
  return new BackupError("locked", describeRun(group, lock), {
    hint: `wait for its end; half an hour after it has died it counts no more, and milvus-backup unlock ${body?.runId ?? name} --force removes its lock at once`,
    facts: { key, runId: body?.runId ?? name },
  });
}

function describeRun({ policy }: BackupGroup, { key, body }: Lock): string {
  return `Another run of ${policy} is under way: ${body === undefined ? `the lock ${key}` : describeHolder(body)}`;
}
