import { listBackups } from "../catalog/list-backups.ts";
import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { toEventError } from "../core/event-error.ts";
import { judgeStatus } from "../core/status.ts";
import type { TargetStatus } from "../core/status.ts";
import type { Caller } from "./caller.ts";
import { openTarget, targetName } from "./open-places.ts";
import { targetsOf } from "./workspace.ts";

export interface StatusRequest {
  readonly policies: readonly string[];
  readonly maxAgeMs?: number | undefined;
}

/** How the policies stand in each of their targets; one that cannot be looked at hides nothing of the others. */
export async function showStatus(
  config: LoadedConfig,
  { policies, maxAgeMs }: StatusRequest,
  caller: Caller,
): Promise<readonly TargetStatus[]> {
  const statuses: TargetStatus[] = [];
  for (const name of policies) {
    const policy = findPolicy(config, name);
    for (const settings of targetsOf(config, policy)) {
      statuses.push(await lookAt(config, { policy: name, source: policy.source, maxAgeMs, settings }, caller));
    }
  }
  return statuses;
}

interface Question {
  readonly policy: string;
  readonly source: string;
  readonly maxAgeMs: number | undefined;
  readonly settings: StorageSettings;
}

async function lookAt(config: LoadedConfig, question: Question, caller: Caller): Promise<TargetStatus> {
  const { settings, policy, source, maxAgeMs } = question;
  const target = targetName(settings);
  try {
    await using opened = await openTarget(config, settings, caller);
    const entries = await listBackups(opened.storage, { signal: caller.signal });
    return judgeStatus({ policy, source, target, entries, now: caller.now().getTime(), maxAgeMs });
  } catch (cause) {
    caller.signal.throwIfAborted();
    const error = toEventError(cause);
    if (error.code === "bug") throw cause;
    return { policy, target, state: "unknown", since: [], damaged: [], error };
  }
}
