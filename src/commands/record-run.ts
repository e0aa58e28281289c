import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { HistoryOptions, RunHistory } from "../engine/run-history.ts";
import type { Caller } from "./caller.ts";
import { openTarget, targetName } from "./open-places.ts";

/** A target that cannot be opened by then has no record of the run. */
const OPEN_MS = 15_000;

interface Recorded extends Pick<HistoryOptions, "action" | "policy" | "source" | "backup"> {
  readonly targets: readonly StorageSettings[];
}

/** Where a run that begins now is recorded: in those of the targets that it reaches, also when it is stopped. */
export async function recordIn(config: LoadedConfig, what: Recorded, caller: Caller): Promise<RunHistory> {
  const { openRunHistory } = await import("../engine/run-history.ts");
  const { action, policy, source, backup } = what;
  const targets = what.targets.map((settings) => ({
    name: targetName(settings),
    open: () => openTarget(config, settings, { ...caller, signal: AbortSignal.timeout(OPEN_MS) }),
  }));
  const { mask } = config.secrets;
  return openRunHistory({ action, policy, source, backup, targets, mask, now: caller.now });
}
