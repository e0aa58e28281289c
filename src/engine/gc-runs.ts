import type { Call, ObjectInfo, Storage } from "../core/contracts/storage.ts";
import { BackupError, isBackupError, messageOf } from "../core/errors.ts";
import type { Garbage, GarbageLook, LeftAlone } from "../core/garbage.ts";
import { whyRunIsOver } from "../core/gc-rules.ts";
import type { RemainsBackup, RunRemains } from "../core/gc-rules.ts";
import { decodeGcPause } from "../format/gc-pause-record.ts";
import { controlKeys, RUNS_DIRECTORY } from "../format/keys.ts";
import { decodeRestoreRecord } from "../format/restore-record.ts";
import type { RestoreRecord } from "../format/restore-record.ts";
import { decodeRunRecord } from "../format/run-record.ts";
import { readIfThere } from "../io/read-if-there.ts";
import { findTemporary } from "./gc-temporary.ts";
import type { GcSource } from "./gc-temporary.ts";
import { RESTORE_FILE } from "./restore-state.ts";
import { RECORD_FILE } from "./run-state.ts";
import { toGarbage } from "./to-garbage.ts";

export interface RunsQuery extends Call {
  /** The backups of the target by name, but for those that are being deleted. */
  readonly backups: ReadonlyMap<string, RemainsBackup | "foreign" | "unreadable">;
  /** Runs that have a lease which was refreshed lately. */
  readonly live: ReadonlySet<string>;
  /** Where restores may have left temporary copies. */
  readonly sources: readonly GcSource[];
  readonly now: Date;
}

/** What dead runs have left in the target that nobody can go on with, and in the storages of the sources. */
export async function findRunRemains(
  storage: Storage,
  query: RunsQuery,
): Promise<Pick<GarbageLook, "garbage" | "left">> {
  const garbage: Garbage[] = [];
  const left: LeftAlone[] = [];
  const directories = await listRuns(storage, query);
  const restores = new Map<string, RestoreRecord>();
  const leaveUnread = async (runId: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isBackupError(error) || (error.code !== "damaged" && error.code !== "refused")) throw error;
      left.push({ place: `${RUNS_DIRECTORY}${runId}/`, why: messageOf(error) });
      directories.delete(runId);
    }
  };
  for (const [runId, objects] of directories) {
    await leaveUnread(runId, () => readRestore(storage, { runId, objects, restores }, query));
  }
  for (const [runId, objects] of directories) {
    if (query.live.has(runId)) continue;
    await leaveUnread(runId, async () => {
      const found = await lookAtRun(storage, { runId, objects, restores }, query);
      garbage.push(...found.garbage);
      left.push(...found.left);
    });
  }
  return { garbage, left };
}

interface RunDirectory {
  readonly runId: string;
  readonly objects: readonly ObjectInfo[];
}

interface AmongRestores<Restores> extends RunDirectory {
  readonly restores: Restores;
}

async function lookAtRun(
  storage: Storage,
  { runId, objects, restores }: AmongRestores<ReadonlyMap<string, RestoreRecord>>,
  query: RunsQuery,
): Promise<Pick<GarbageLook, "garbage" | "left">> {
  const ofBackup = await readBackupRun(storage, { runId, objects }, query);
  const record = restores.get(runId);
  const temporary = record && (await findTemporary(record, query.sources, query));
  const restore = record && temporary && { ...toRestore(record, restores, query), temporary: temporary.state };
  const remains = await judge(storage, { remains: { runId, ...ofBackup, restore }, objects }, query);
  const place = `${RUNS_DIRECTORY}${runId}/`;
  return {
    garbage: [...(temporary?.garbage ?? []), ...remains],
    left: temporary?.untold.map((why) => ({ place, why })) ?? [],
  };
}

async function listRuns(storage: Storage, { signal }: Call): Promise<Map<string, readonly ObjectInfo[]>> {
  const directories = new Map<string, ObjectInfo[]>();
  for await (const entry of storage.list(RUNS_DIRECTORY, { signal })) {
    if (entry.kind !== "object") continue;
    const [runId = ""] = entry.key.slice(RUNS_DIRECTORY.length).split("/");
    const own = directories.get(runId);
    if (own === undefined) directories.set(runId, [entry]);
    else own.push(entry);
  }
  return directories;
}

async function readRestore(
  storage: Storage,
  { runId, objects, restores }: AmongRestores<Map<string, RestoreRecord>>,
  call: Call,
): Promise<void> {
  const key = keyIn(runId, RESTORE_FILE);
  const bytes = objects.some((one) => one.key === key)
    ? await readIfThere(storage, key, { signal: call.signal })
    : undefined;
  if (bytes !== undefined) restores.set(runId, decodeRestoreRecord(bytes, key));
}

async function readBackupRun(
  storage: Storage,
  { runId, objects }: RunDirectory,
  { backups, signal }: RunsQuery,
): Promise<Pick<RunRemains, "backup">> {
  const key = keyIn(runId, RECORD_FILE);
  if (!objects.some((one) => one.key === key)) return {};
  const bytes = await readIfThere(storage, key, { signal });
  if (bytes === undefined) return {};
  const { backup: name } = decodeRunRecord(bytes, key);
  const found = backups.get(name);
  if (found === "unreadable") throw new BackupError("damaged", `the manifest of ${name} cannot be read`);
  return { backup: { name, found: found === "foreign" ? undefined : found } };
}

function toRestore(
  record: RestoreRecord,
  restores: ReadonlyMap<string, RestoreRecord>,
  { backups }: RunsQuery,
): Omit<NonNullable<RunRemains["restore"]>, "temporary"> {
  const { backup, address, runId } = record;
  const isSuperseded = [...restores.values()].some(
    (other) => other.backup === backup && other.address === address && other.runId > runId,
  );
  return { backup, isThere: backups.has(backup), isSuperseded };
}

interface Judging {
  readonly remains: RunRemains;
  readonly objects: readonly ObjectInfo[];
}

/** The record of a pause stays as long as the pause may last, whatever else its run has left. */
async function judge(storage: Storage, { remains, objects }: Judging, query: RunsQuery): Promise<readonly Garbage[]> {
  const { runId, restore } = remains;
  const place = `${RUNS_DIRECTORY}${runId}/`;
  const pauseKey = keyIn(runId, PAUSE_FILE);
  const pause = objects.find(({ key }) => key === pauseKey);
  const others = objects.filter((one) => one !== pause);
  const why = others.length === 0 ? undefined : whyRunIsOver(remains);
  const kind = restore === undefined ? "run" : "restore";
  return [
    ...(why === undefined ? [] : others.map((info) => toGarbage({ kind, place, why }, info))),
    ...(pause !== undefined && (await isPauseOver(storage, pauseKey, query))
      ? [toGarbage({ kind: "pause", place, why: "a pause of garbage collection that has ended by itself" }, pause)]
      : []),
  ];
}

const PAUSE_FILE = "gc-pause.json";

async function isPauseOver(storage: Storage, key: string, { now, signal }: RunsQuery): Promise<boolean> {
  const bytes = await readIfThere(storage, key, { signal });
  const record = bytes && decodeGcPause(new TextDecoder().decode(bytes));
  return bytes !== undefined && (record === undefined || Date.parse(record.until) < now.getTime());
}

function keyIn(runId: string, name: string): string {
  return controlKeys.run(runId, name);
}
