import { holdLease } from "../catalog/lease.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import type { Run } from "./run.ts";

/** The run's lease in a target, until it is disposed; when it cannot be kept, the run says so and goes on. */
export function holdRunLease(run: Pick<Run, "runId" | "record">, storage: Storage): Promise<AsyncDisposable> {
  return holdLease(storage, {
    runId: run.runId,
    onFailure: (error) => run.record({ type: "notice", message: `The lease could not be kept: ${messageOf(error)}` }),
  });
}

/** Leases that are taken on the way, and given back together. */
export interface Leases extends AsyncDisposable {
  /** The lease of a run that this one goes on for: whoever looks takes it for running, too. */
  hold(runId: string): Promise<void>;
}

export function openLeases({ record }: Run, storage: Storage): Leases {
  const held: AsyncDisposable[] = [];
  return {
    hold: async (runId) => void held.push(await holdRunLease({ runId, record }, storage)),
    [Symbol.asyncDispose]: async () => {
      for (const lease of held) await lease[Symbol.asyncDispose]();
    },
  };
}
