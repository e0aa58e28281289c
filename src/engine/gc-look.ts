import { isCommitted } from "../catalog/meta-files.ts";
import { readManifest } from "../catalog/read-manifest.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { isBackupError, messageOf } from "../core/errors.ts";
import type { RemainsBackup } from "../core/gc-rules.ts";
import type { Garbage, GarbageLook, LeftAlone } from "../core/garbage.ts";
import { isBackupName } from "../format/backup-name.ts";
import { CONTROL_DIRECTORY, keyInBackup } from "../format/keys.ts";
import type { Manifest } from "../format/manifest.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { hasObjects } from "../io/list-objects.ts";
import { findDeadIntents } from "./gc-intents.ts";
import { findDeadLocks, findLiveRuns } from "./gc-locks.ts";
import { findOldRecords } from "./gc-records.ts";
import { findRunRemains } from "./gc-runs.ts";
import { findStrays } from "./gc-strays.ts";
import type { GcSource } from "./gc-temporary.ts";
import { findUploads } from "./gc-uploads.ts";

export interface GcQuery extends Call {
  /** Where restores may have left temporary copies, and drills their databases. */
  readonly sources: readonly GcSource[];
  /** By the store's clock. */
  readonly now: Date;
}

const BACKUPS_AT_ONCE = 8;

/** What is nobody's in a target, and in the storages of the sources, as far as one look can tell; changes nothing. */
export async function lookForGarbage(storage: Storage, query: GcQuery): Promise<GarbageLook> {
  const { signal } = query;
  const { names, foreign } = await listTop(storage, { signal });
  const found = createFound(foreign);
  await forEachConcurrent(names, { concurrency: BACKUPS_AT_ONCE, signal }, (name) =>
    lookAtDirectory(storage, { name, found, signal }),
  );
  const locks = { nowMs: query.now.getTime(), signal };
  const live = await findLiveRuns(storage, locks);
  const runs = await findRunRemains(storage, { ...query, live, backups: found.backups });
  const intents = await findDeadIntents(storage, { ...query, live });
  const isOurs = (name: string): boolean => typeof found.backups.get(name) === "object";
  const uploads = await findUploads(storage, { isOurs, signal });
  const isThere = (name: string): boolean => found.backups.has(name) || found.unfinished.includes(name);
  const records = await findOldRecords(storage, { isThere, now: query.now, signal });
  return {
    garbage: [
      ...found.garbage.toSorted(byKey),
      ...runs.garbage,
      ...intents.garbage,
      ...uploads.garbage,
      ...records,
      ...(await findDeadLocks(storage, locks)),
    ],
    unfinished: found.unfinished.toSorted(),
    foreign: found.foreign.toSorted(),
    left: [...found.left, ...runs.left, ...intents.left, ...uploads.left].toSorted((a, b) =>
      a.place < b.place ? -1 : 1,
    ),
  };
}

interface Top {
  /** Directories that can be backups. */
  readonly names: readonly string[];
  readonly foreign: readonly string[];
}

async function listTop(storage: Storage, call: Call): Promise<Top> {
  const names: string[] = [];
  const foreign: string[] = [];
  for await (const entry of storage.list("", { ...call, delimiter: "/" })) {
    const name = entry.kind === "prefix" ? entry.prefix.slice(0, -1) : "";
    if (entry.kind === "object") foreign.push(entry.key);
    else if (isBackupName(name)) names.push(name);
    else if (name !== CONTROL_DIRECTORY) foreign.push(entry.prefix);
  }
  return { names, foreign };
}

interface Found {
  readonly garbage: Garbage[];
  readonly left: LeftAlone[];
  readonly unfinished: string[];
  readonly foreign: string[];
  readonly backups: Map<string, RemainsBackup | "foreign" | "unreadable">;
}

function createFound(foreign: readonly string[]): Found {
  return { garbage: [], left: [], unfinished: [], foreign: [...foreign], backups: new Map() };
}

interface Directory extends Call {
  readonly name: string;
  readonly found: Found;
}

/** Without a manifest of ours it is not ours, whatever is in it. */
async function lookAtDirectory(storage: Storage, { name, found, signal }: Directory): Promise<void> {
  const manifest = await findManifest(storage, { name, found, signal });
  if (manifest === "unreadable") return void found.backups.set(name, manifest);
  if (manifest === undefined) {
    if (!(await hasObjects(storage, keyInBackup(name, ""), { signal }))) return; // some stores list a directory for a while after its last object
    found.foreign.push(keyInBackup(name, ""));
    found.backups.set(name, "foreign");
    return;
  }
  if (manifest.state === "deleting") return void found.unfinished.push(name);
  const { runId, state } = manifest;
  const isClaim = state === "complete" || state === "partial";
  const isWhole = isClaim && (await isCommitted(storage, name, { signal }));
  found.backups.set(name, { runId, state: isClaim && !isWhole ? "interrupted" : state });
  if (!isWhole) return; // it may be gone on with
  const strays = await findStrays(storage, { name, manifest, signal });
  found.garbage.push(...strays.garbage);
  found.left.push(...strays.left);
}

async function findManifest(
  storage: Storage,
  { name, found, signal }: Directory,
): Promise<Manifest | "unreadable" | undefined> {
  try {
    return await readManifest(storage, name, { signal });
  } catch (error) {
    if (!isBackupError(error) || (error.code !== "damaged" && error.code !== "refused")) throw error;
    found.left.push({ place: keyInBackup(name, ""), why: messageOf(error) });
    return "unreadable";
  }
}

function byKey(a: Garbage, b: Garbage): number {
  return a.key < b.key ? -1 : 1;
}
