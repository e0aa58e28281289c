import { listBackups } from "../catalog/list-backups.ts";
import { listRunEntries } from "../catalog/run-history.ts";
import { findPolicy } from "../config/find.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { toEventError } from "../core/event-error.ts";
import { judgeHistory, listRecorded, listRuns } from "../core/history.ts";
import type { HistoryInput, HistoryRun, RunKind, TargetHistory } from "../core/history.ts";
import type { RunEntry } from "../core/run-entry.ts";
import { isNameOfPolicy } from "../format/backup-name.ts";
import type { Caller } from "./caller.ts";
import { openTarget, targetName } from "./open-places.ts";
import { targetsOf } from "./workspace.ts";

export interface HistoryRequest {
  readonly policies: readonly string[];
  readonly sinceMs: number;
  /** So many of the newest runs of each policy are shown; all when absent. */
  readonly limit?: number | undefined;
  /** Only runs of these kinds are shown; of all when absent. */
  readonly kinds?: readonly RunKind[] | undefined;
  /** Whether runs that belong to no policy are shown, too: garbage collection, one-off backups. */
  readonly withOthers?: boolean | undefined;
}

export interface History {
  readonly version: 1;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** The newest first; one that is recorded in several targets once. */
  readonly runs: readonly HistoryRun[];
  readonly targets: readonly TargetHistory[];
}

export interface HistoryOutcome {
  readonly history: History;
  readonly failures: readonly { readonly policy: string; readonly target: string; readonly error: unknown }[];
}

/** What the targets of these policies tell of their runs; one that cannot be looked at hides nothing of the others. */
export async function showHistory(
  config: LoadedConfig,
  { policies, sinceMs, limit, kinds, withOthers = false }: HistoryRequest,
  caller: Caller,
): Promise<HistoryOutcome> {
  const now = caller.now().getTime();
  const since = new Date(now - sinceMs).toISOString();
  const found: FoundHistory[] = [];
  const failures: HistoryOutcome["failures"][number][] = [];
  for (const place of placesOf(config, policies)) {
    try {
      found.push(await readHistory(config, { ...place, since, now }, caller));
    } catch (error) {
      caller.signal.throwIfAborted();
      if (toEventError(error).code === "bug") throw error;
      failures.push({ policy: place.policy, target: targetName(place.settings), error });
    }
  }
  const inputs = found.map(({ input }) => input);
  const shown = (runs: readonly HistoryRun[]): readonly HistoryRun[] =>
    onceEach(runs.filter(({ kind }) => kinds?.includes(kind) ?? true)).slice(0, limit);
  const runs = [
    ...policies.flatMap((policy) => shown(inputs.filter((input) => input.policy === policy).flatMap(listRuns))),
    ...(withOthers ? shown(found.flatMap(({ others }) => listRecorded(others))) : []),
  ];
  return { history: { version: 1, since, runs: newestFirst(runs), targets: inputs.map(judgeHistory) }, failures };
}

function placesOf(config: LoadedConfig, policies: readonly string[]): readonly Pick<Place, "policy" | "settings">[] {
  return policies.flatMap((policy) =>
    targetsOf(config, findPolicy(config, policy)).map((settings) => ({ policy, settings })),
  );
}

interface Place extends Pick<HistoryInput, "policy" | "since" | "now"> {
  readonly settings: StorageSettings;
}

/** What a target tells of a policy, and of what belongs to none. */
interface FoundHistory {
  readonly input: HistoryInput;
  readonly others: readonly RunEntry[];
}

async function readHistory(
  config: LoadedConfig,
  { policy, settings, since, now }: Place,
  caller: Caller,
): Promise<FoundHistory> {
  const { signal } = caller;
  const { source } = findPolicy(config, policy);
  await using target = await openTarget(config, settings, caller);
  const [own, others, backups] = await Promise.all([
    listRunEntries(target.storage, { policy, since, signal }),
    listRunEntries(target.storage, { policy: undefined, since, signal }),
    listBackups(target.storage, { signal }),
  ]);
  const entries = [...own, ...others.filter((entry) => isCheckOf(entry, policy))];
  return { input: { policy, source, target: target.name, entries, backups, since, now }, others };
}

/** A drill of one of its backups that was asked for by name. */
function isCheckOf({ checks }: RunEntry, policy: string): boolean {
  return checks.some(({ backup }) => isNameOfPolicy(backup, policy));
}

/** By their ids; where a run has none, by its backup. What says more comes first. */
function onceEach(runs: readonly HistoryRun[]): readonly HistoryRun[] {
  const recorded = runs.filter(({ runId }) => runId !== undefined);
  const known = new Set(recorded.filter(({ kind }) => kind === "backup").map(({ backup }) => backup));
  const silent = runs.filter(({ runId, backup }) => runId === undefined && !known.has(backup));
  const byName = new Map([...silent, ...recorded].toReversed().map((run) => [run.runId ?? run.backup, run]));
  return newestFirst([...byName.values()]);
}

function newestFirst(runs: readonly HistoryRun[]): readonly HistoryRun[] {
  return runs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}
