import { rm } from "node:fs/promises";
import { withLock } from "./lock.ts";
import { statePath } from "./paths.ts";
import { removeOldData } from "./plan.ts";
import { stopServer } from "./processes.ts";
import { findState, type SandboxState } from "./state.ts";

export interface DownOptions {
  /** Removes the data, too; the installed programs stay. */
  readonly purge: boolean;
  readonly report: (line: string) => void;
}

/** Ends what `up` started. Nothing to end is fine. */
export async function takeDown({ purge, report }: DownOptions): Promise<void> {
  await withLock(report, async () => {
    const state = await findState();
    if (state === undefined) report("the sandbox is not up");
    else {
      await stopAll(state);
      report(`ended ${state.processes.map(({ name }) => name).join(", ")}`);
    }
    if (purge) await removeOldData();
  });
}

/** Ends the processes of a sandbox and forgets it. */
export async function stopAll({ processes }: SandboxState): Promise<void> {
  await Promise.all(processes.map(stopServer));
  await Promise.all(processes.flatMap(({ leftovers }) => leftovers).map((path) => rm(path, { force: true })));
  await rm(statePath, { force: true });
}
