import { listChecks } from "../catalog/checks.ts";
import { listDamaged } from "../catalog/damaged-backups.ts";
import { readAsked } from "../catalog/read-asked.ts";
import { listBackups } from "../catalog/list-backups.ts";
import { findLastRun } from "../catalog/run-history.ts";
import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { Policy } from "../core/contracts/policy.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { toEventError } from "../core/event-error.ts";
import { formatAsked } from "../core/heal-plan.ts";
import { judgeStatus } from "../core/status.ts";
import type { StatusInput, StatusSchedule, TargetStatus } from "../core/status.ts";
import { isNameOfPolicy } from "../format/backup-name.ts";
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
      statuses.push(await lookAt(config, { policy, maxAgeMs, settings }, caller));
    }
  }
  return statuses;
}

interface Question {
  readonly policy: Policy;
  readonly maxAgeMs: number | undefined;
  readonly settings: StorageSettings;
}

async function lookAt(config: LoadedConfig, question: Question, caller: Caller): Promise<TargetStatus> {
  const { settings, policy, maxAgeMs } = question;
  const { name, source } = policy;
  const target = targetName(settings);
  const now = caller.now();
  const schedule = await timesOf(policy, now);
  try {
    await using opened = await openTarget(config, settings, caller);
    const { storage } = opened;
    const { signal } = caller;
    const [entries, lastRun, checks] = await Promise.all([
      listBackups(storage, { signal }),
      findLastRun(storage, name, { signal }),
      checksOf(storage, policy, { signal }),
    ]);
    const found = { entries, lastRun, checks };
    const judged = judgeStatus({ policy: name, source, target, ...found, now: now.getTime(), maxAgeMs, schedule });
    const unhealed = await askedInVain(storage, judged.damaged, { signal });
    return unhealed.length === 0 ? judged : { ...judged, unhealed };
  } catch (cause) {
    caller.signal.throwIfAborted();
    const error = toEventError(cause);
    if (error.code === "bug") throw cause;
    return { policy: name, target, state: "unknown", since: [], damaged: [], error };
  }
}

/** Of what nobody could heal, who was asked. */
async function askedInVain(storage: Storage, damaged: readonly string[], call: Call): Promise<readonly string[]> {
  const sentences: string[] = [];
  if (damaged.length === 0) return sentences;
  for (const one of await listDamaged(storage, call)) {
    const { name } = one.entry;
    const found = damaged.includes(name) ? await readAsked(storage, one, call) : undefined;
    if (found !== undefined) sentences.push(`${name}: ${formatAsked(found.asked)}`);
  }
  return sentences;
}

/** What reads cron is loaded only where there is a schedule. */
async function timesOf({ schedule }: Policy, now: Date): Promise<StatusSchedule | undefined> {
  if (schedule === undefined) return undefined;
  const { scheduleTimes } = await import("../config/cron.ts");
  return { ...scheduleTimes(schedule, now), timezone: schedule.timezone };
}

async function checksOf(
  storage: Storage,
  { name, checks: rules }: Policy,
  call: Call,
): Promise<StatusInput["checks"] | undefined> {
  if (rules.length === 0) return undefined;
  const all = [...(await listChecks(storage, call)).values()].flat();
  return { rules, records: all.filter(({ backup }) => isNameOfPolicy(backup, name)) };
}
