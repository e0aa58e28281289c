import { holdLease } from "../catalog/lease.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import type { Run } from "./run.ts";

/** The run's lease in a target, until it is disposed; when it cannot be kept, the run says so and goes on. */
export function holdRunLease(run: Run, storage: Storage): Promise<AsyncDisposable> {
  return holdLease(storage, {
    runId: run.runId,
    onFailure: (error) => run.record({ type: "notice", message: `The lease could not be kept: ${messageOf(error)}` }),
  });
}
