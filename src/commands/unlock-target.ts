import { listTargetLocks, removeLock } from "../catalog/target-locks.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { chooseUnlocked } from "../core/unlock-plan.ts";
import type { TargetLock, UnlockRequest } from "../core/unlock-plan.ts";
import { lockOwner } from "../engine/lock-owner.ts";
import type { Caller } from "./caller.ts";
import { openTarget, targetName } from "./open-places.ts";
import { newRunId } from "./start-run.ts";
import { chooseTargets, loadWorkspace } from "./workspace.ts";
import type { PlaceChoices } from "./workspace.ts";

export interface UnlockOptions extends PlaceChoices, UnlockRequest {
  /** Asked before anything is removed; nothing is when it says no. */
  readonly confirm: (chosen: readonly TargetLock[], all: readonly TargetLock[]) => Promise<boolean>;
}

export interface Unlocking {
  readonly locks: readonly TargetLock[];
  /** Those that could be removed. */
  readonly chosen: readonly TargetLock[];
  readonly isDone: boolean;
}

/** Looks at the locks of the target that is chosen, or of all that policies name, and removes what nobody holds. */
export async function unlockTarget(options: UnlockOptions, caller: Caller): Promise<Unlocking> {
  const config = await loadWorkspace(caller, options);
  const targets = chooseTargets(config, { choices: options, caller });
  const runId = newRunId(caller.now());
  const locks: TargetLock[] = [];
  for (const settings of targets) locks.push(...(await look(config, { settings, runId }, caller)));
  const chosen = chooseUnlocked(locks, options);
  const isDone = chosen.length > 0 && (await options.confirm(chosen, locks));
  if (isDone) for (const settings of targets) await remove(config, { settings, runId, chosen }, caller);
  return { locks, chosen, isDone };
}

interface Place {
  readonly settings: StorageSettings;
  readonly runId: string;
}

async function look(config: LoadedConfig, { settings, runId }: Place, caller: Caller): Promise<readonly TargetLock[]> {
  await using target = await openTarget(config, settings, caller);
  const { signal, now } = caller;
  return await listTargetLocks(target.storage, { target: target.name, runId, now, signal });
}

async function remove(
  config: LoadedConfig,
  { settings, runId, chosen }: Place & Pick<Unlocking, "chosen">,
  caller: Caller,
): Promise<void> {
  const here = chosen.filter(({ target }) => target === targetName(settings));
  if (here.length === 0) return;
  await using target = await openTarget(config, settings, caller);
  const by = await lockOwner({ runId, now: caller.now }, { kind: "unlock" });
  for (const lock of here) await removeLock(target.storage, lock, { by, signal: caller.signal });
}
