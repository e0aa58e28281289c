import { holdLease } from "../catalog/lease.ts";
import type { Lease } from "../catalog/lease.ts";
import { isReadOnly } from "../catalog/read-locks.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import { lockOwner } from "./lock-owner.ts";
import type { LockPurpose } from "./lock-owner.ts";
import type { OpenTarget } from "./places.ts";
import type { Run } from "./run.ts";

type Holding = Pick<Run, "runId" | "record" | "now">;

/** The run's lease in a target, until it is disposed; when it cannot be kept, the run says so and goes on. */
export function holdRunLease(run: Holding, storage: Storage, what: LockPurpose): Promise<Lease> {
  return holdFor(run, storage, { what });
}

async function holdFor(
  run: Holding,
  storage: Storage,
  { what, of }: { readonly what: LockPurpose; readonly of?: string },
): Promise<Lease> {
  return await holdLease(storage, {
    owner: await lockOwner(run, what),
    of,
    onFailure: (error) => run.record({ type: "notice", message: `The lease could not be kept: ${messageOf(error)}` }),
  });
}

/**
 * The lease of who only reads there: a target that cannot be written is read without one, and the run says so. The last
 * words of the notice are given: "the backup is checked".
 */
export async function holdReaderLease(
  run: Holding,
  { name, storage }: Pick<OpenTarget, "name" | "storage">,
  { reading, ...what }: LockPurpose & { readonly reading: string },
): Promise<Lease | undefined> {
  try {
    return await holdRunLease(run, storage, what);
  } catch (error) {
    if (!isReadOnly(error) && !isStorageError(error, "full")) throw error;
    run.record({ type: "notice", message: `${name} cannot be written: ${reading} without a lock` });
    return undefined;
  }
}

/** Leases that are taken on the way, and given back together. */
export interface Leases extends Lease {
  /** The lease of a run that this one goes on for: whoever looks takes it for running, too. */
  hold(runId: string): Promise<void>;
}

export function openLeases(run: Holding, storage: Storage, what: LockPurpose): Leases {
  const held: Lease[] = [];
  return {
    hold: async (of) => void held.push(await holdFor(run, storage, { what, of })),
    guard: async (call: Call = {}) => {
      for (const lease of held) await lease.guard(call);
    },
    isLost: () => held.some((lease) => lease.isLost()),
    [Symbol.asyncDispose]: async () => {
      for (const lease of held) await lease[Symbol.asyncDispose]();
    },
  };
}
