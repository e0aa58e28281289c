import type { CollectionName } from "../core/collection-name.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { controlKeys } from "../format/keys.ts";
import { decodeMade, decodeRestoreRecord, decodeTask } from "../format/restore-record.ts";
import type { MadeCollection, RestoreRecord } from "../format/restore-record.ts";
import { readBytes } from "../io/body.ts";
import { objectsIn } from "../io/list-objects.ts";
import { readIfThere } from "../io/read-if-there.ts";
import { describeCollection } from "../milvus/describe.ts";
import { isMilvusError } from "../milvus/errors.ts";
import type { MilvusSession } from "../milvus/session.ts";
import { findClaim } from "./claim.ts";
import type { FoundClaim } from "./claim.ts";
import { isClaimLive, runIds } from "./find-resumable.ts";
import { RESTORE_FILE, RESTORED } from "./restore-state.ts";

/** A collection that an earlier run made, and that is still the one that it made. */
export interface EarlierCollection extends MadeCollection {
  /** Its import tasks, by their place in the plan. */
  readonly tasks: ReadonlyMap<number, string>;
}

export interface ResumableRestore {
  readonly runId: string;
  readonly claim: FoundClaim;
  /** By the id in the backup. */
  readonly collections: ReadonlyMap<string, EarlierCollection>;
}

export interface RestoreQuery extends Call {
  readonly backup: string;
  readonly asked: string;
  readonly milvus: MilvusSession;
}

/** The newest restore of this backup that did not come to its end. A BackupError when there is none that can be resumed. */
export async function findRestore(storage: Storage, query: RestoreQuery): Promise<ResumableRestore> {
  const { backup, asked, milvus, signal } = query;
  const record = await newestOf(storage, query);
  if (record === undefined) throw cannotResume(backup, "no restore of it into this Milvus was interrupted");
  const { runId } = record;
  if (record.asked !== asked)
    throw cannotResume(
      backup,
      "other collections, names or choices were asked for then, or of an earlier backup of this name",
    );
  const claim = await findClaim(storage, runId, { signal });
  if (await isClaimLive(storage, claim, { runId, signal })) {
    throw new BackupError("locked", `Cannot resume the restore of ${backup}: the run ${runId} may still be at it`, {
      hint: "wait for its end; half an hour after a run has died its restore can be taken up",
    });
  }
  const collections = new Map<string, EarlierCollection>();
  for (const made of await readMade(storage, runId, { signal })) {
    const found = await findMade(milvus, made, { signal });
    if (found !== undefined) collections.set(made.collectionId, found);
  }
  return { runId, claim, collections };
}

async function newestOf(
  storage: Storage,
  { backup, milvus, signal }: RestoreQuery,
): Promise<RestoreRecord | undefined> {
  for (const runId of (await runIds(storage, { signal })).toReversed()) {
    const key = controlKeys.run(runId, RESTORE_FILE);
    const bytes = await readIfThere(storage, key, { signal });
    const record = bytes && decodeRestoreRecord(bytes, key);
    if (record?.backup === backup && record.address === milvus.address) return record;
  }
  return undefined;
}

async function readMade(storage: Storage, runId: string, call: Call): Promise<readonly EarlierCollection[]> {
  const made = new Map<string, MadeCollection>();
  const tasks = new Map<string, Map<number, string>>();
  const root = controlKeys.run(runId, RESTORED);
  for await (const { key } of objectsIn(storage, root, call)) {
    const [collectionId = "", file = ""] = key.slice(root.length).split("/");
    const bytes = await readBytes((await storage.read(key, call)).body);
    const own = tasks.get(collectionId) ?? new Map<number, string>();
    tasks.set(collectionId, own);
    if (file === "made.json") made.set(collectionId, decodeMade(bytes, key));
    else own.set(Number(/\d+/.exec(file)?.[0]), decodeTask(bytes, key));
  }
  return [...made].map(([id, one]) => ({ ...one, tasks: tasks.get(id) ?? new Map<number, string>() }));
}

/**
 * Where it is now. It may have got its name without that being told any more, which it gets when it is compared; and
 * somebody else's may have either name.
 */
async function findMade(
  milvus: MilvusSession,
  made: EarlierCollection,
  call: Call,
): Promise<EarlierCollection | undefined> {
  if (!made.isComplete && (await isIt(milvus, { made, name: made.into }, call))) return made;
  if (!(await isIt(milvus, { made, name: made.to }, call))) return undefined;
  return made.isComplete ? made : { ...made, into: made.to, isCompared: true };
}

interface Claimed {
  readonly made: MadeCollection;
  readonly name: CollectionName;
}

/** By what a new name does not change. */
async function isIt(milvus: MilvusSession, { made, name }: Claimed, call: Call): Promise<boolean> {
  const { database, name: collection } = name;
  try {
    const { id, createdTimestamp } = await describeCollection(milvus, { database, collection }, call);
    return id.toString() === made.id && createdTimestamp.toString() === made.createdTimestamp;
  } catch (error) {
    if (isMilvusError(error, "collection-not-found", "database-not-found")) return false;
    throw error;
  }
}

function cannotResume(backup: string, why: string): BackupError {
  return new BackupError("refused", `Cannot resume a restore of ${backup}: ${why}`, {
    hint: "restore it without --resume",
  });
}
