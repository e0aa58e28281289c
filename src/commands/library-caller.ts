import process from "node:process";
import type { CallOptions, RunOptions } from "../core/contracts/library.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import type { BackupEvent } from "../core/events.ts";
import type { RunCaller } from "./caller.ts";

/** Does the work of one call of the library: nothing is drawn or printed, and what is not said is as in the process. */
export async function callAs<T>(
  options: CallOptions & Pick<RunOptions, "onEvent">,
  work: (caller: RunCaller) => Promise<T>,
): Promise<T> {
  const { cwd = process.cwd(), env = process.env, signal, onEvent } = options;
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(toStop(signal?.reason));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  try {
    stop.signal.throwIfAborted();
    return await work({
      cwd,
      env,
      signal: stop.signal,
      now: () => new Date(),
      display: { renderer: "silent" },
      onEvent: onEvent && aside(onEvent),
    });
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** As a signal to the command line would stop it; what aborted the signal is the cause. */
function toStop(reason: unknown): unknown {
  return isBackupError(reason) ? reason : new BackupError("interrupted", "The run was stopped", { cause: reason });
}

/** A listener that fails must not turn a backup that is whole into one that failed: its error is nobody's but the process's. */
function aside(listen: (event: BackupEvent) => void): (event: BackupEvent) => void {
  return (event) => {
    try {
      listen(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
