import type { LoadedConfig } from "../config/load-config.ts";
import { revealOptions } from "../config/reveal-options.ts";
import type { BackupEvent } from "../core/events.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { executeRun } from "../engine/execute-run.ts";
import { createObservers } from "../engine/observers.ts";
import type { Observers } from "../engine/observers.ts";
import type { RunEnd, RunHistory } from "../engine/run-history.ts";
import type { Run } from "../engine/run.ts";
import type { RunCaller } from "./caller.ts";
import { startRun } from "./start-run.ts";

interface Execution {
  readonly action: Plan["action"];
  readonly caller: RunCaller;
  /** A new one when absent. */
  readonly runId?: string;
  /** Where the run is recorded; nowhere when absent. */
  readonly history?: RunHistory;
}

/** Does a run of this caller from its first event to its last, and tells the config's observers of it. */
export async function execute(
  config: LoadedConfig,
  { action, caller, runId, history }: Execution,
  work: (run: Run) => Promise<RunReport>,
): Promise<RunReport> {
  const observers = observersOf(config);
  const onEvent = (event: BackupEvent): void => {
    caller.onEvent?.(event);
    observers.tell(event);
  };
  const run = startRun({ ...caller, onEvent }, runId);
  const finish = async (end: RunEnd): Promise<readonly string[]> => {
    const report = "report" in end ? end.report : undefined;
    const warnings = [...((await history?.finish(run, end)) ?? []), ...(await observers.finish(report))];
    const stamp = { at: caller.now().toISOString(), runId: run.runId };
    for (const message of warnings) caller.onEvent?.({ ...stamp, type: "notice", message });
    return warnings;
  };
  try {
    const report = await executeRun(run, action, () => work(run));
    return { ...report, warnings: [...report.warnings, ...(await finish({ report }))] };
  } catch (error) {
    await finish({ error });
    throw error;
  }
}

function observersOf({ observers, directory, secrets }: LoadedConfig): Observers {
  const entries = observers.map(({ plugin, options }) => {
    const path = ["plugins", plugin.name];
    const request = { options, path, failure: `cannot use the plugin ${plugin.name}` };
    return { plugin, options: () => revealOptions(secrets, plugin.options, request) };
  });
  return createObservers(entries, { directory, mask: secrets.mask });
}
