import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, DeleteResult, Storage } from "../core/contracts/storage.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import { keyInBackup, MANIFEST_KEY, META_KEYS } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import { bytesBody } from "../io/body.ts";
import { abandonWrites } from "./abandon-writes.ts";
import { listMeta } from "./meta-files.ts";
import { readManifest } from "./read-manifest.ts";

/** What makes a backup one goes first, so that a deletion that was interrupted leaves no backup behind. */
const META_FIRST = [META_KEYS.backup, META_KEYS.full, META_KEYS.collection, META_KEYS.partition, META_KEYS.segment];
const BATCH = 1000;

export interface DeleteOptions extends Call {
  /** Told after each batch how many objects are gone. */
  readonly onProgress?: (deleted: number) => void;
  /** Asked before anything goes, before each batch and each write that is abandoned, and before the manifest; what it throws ends the deletion there. */
  readonly guard?: (() => Promise<void>) | undefined;
  /** Told what a person should know of a deletion that went through all the same. */
  readonly notice?: ((message: string) => void) | undefined;
}

/**
 * Deletes a backup: the manifest says so first, then the meta files go, the payload, the lists of objects, and the
 * manifest last: until then it is found, and a second deletion finishes it. Gives back how many objects that were.
 */
export async function deleteBackup(storage: Storage, backup: string, options: DeleteOptions = {}): Promise<number> {
  const { guard, notice, signal } = options;
  const call = { signal };
  await guard?.();
  const meta = await listMeta(storage, backup, call);
  const manifest = await markDeleting(storage, backup, call);
  const [first = META_KEYS.backup, ...others] = META_FIRST;
  await deleteFirst(storage, { backup, file: first, manifest }, call);
  for (const key of others) await deleteKeys(storage, [keyInBackup(backup, key)], call);
  const files = [...meta].filter((key) => key !== MANIFEST_KEY);
  await deleteKeys(
    storage,
    files.map((key) => keyInBackup(backup, key)),
    call,
  );
  const deleted = await deletePayload(storage, { backup, before: files.length }, options);
  await abandonWrites(storage, keyInBackup(backup, ""), { ...call, guard, notice });
  await guard?.();
  await deleteKeys(storage, [keyInBackup(backup, MANIFEST_KEY)], call);
  return meta.has(MANIFEST_KEY) ? deleted + 1 : deleted;
}

interface Payload {
  readonly backup: string;
  /** Objects that are gone already. */
  readonly before: number;
}

/** All but the manifest. Gives back how many are gone then. */
async function deletePayload(storage: Storage, payload: Payload, options: DeleteOptions): Promise<number> {
  const { onProgress, guard, signal } = options;
  const { backup, before } = payload;
  const manifestKey = keyInBackup(backup, MANIFEST_KEY);
  let deleted = before;
  for (const directory of ["binlogs/", "meta/objects/", ""]) {
    for await (const keys of batches(storage, keyInBackup(backup, directory), { signal })) {
      const others = keys.filter((key) => key !== manifestKey);
      await guard?.();
      await deleteKeys(storage, others, { signal });
      deleted += others.length;
      onProgress?.(deleted);
    }
  }
  return deleted;
}

/** Gives back what it said before; nothing where there is none. One that cannot be read cannot say so; it goes last all the same. */
async function markDeleting(storage: Storage, backup: string, call: Call): Promise<Manifest | undefined> {
  try {
    const manifest = await readManifest(storage, backup, call);
    if (manifest === undefined) return undefined;
    await writeMarked(storage, { backup, manifest }, call);
    return manifest;
  } catch (error) {
    if (!isBackupError(error) || error.code !== "damaged") throw error;
    return undefined;
  }
}

interface FirstFile {
  readonly backup: string;
  readonly file: string;
  readonly manifest: Manifest | undefined;
}

/** What the store keeps under a retention lock has lost nothing yet: it is the backup that it was. */
async function deleteFirst(storage: Storage, { backup, file, manifest }: FirstFile, call: Call): Promise<void> {
  const key = keyInBackup(backup, file);
  const { failed, retained } = await storage.delete([key], call);
  if (retained.length > 0 && manifest !== undefined) {
    await storage.write(keyInBackup(backup, MANIFEST_KEY), bytesBody(encodeManifest(manifest)), call);
  }
  refuseKept({ keys: [key], failed, retained });
}

/** Where there is no room for another copy of it, in short: what must go is found by its directory. */
async function writeMarked(
  storage: Storage,
  { backup, manifest }: { readonly backup: string; readonly manifest: Manifest },
  call: Call,
): Promise<void> {
  const write = async (marked: Manifest): Promise<void> => {
    const text = encodeManifest({ ...marked, state: "deleting" });
    await storage.write(keyInBackup(backup, MANIFEST_KEY), bytesBody(text), call);
  };
  try {
    await write(manifest);
  } catch (error) {
    if (!isStorageError(error, "full")) throw error;
    const { policy, ...others } = manifest;
    const named = policy && { policy: { name: policy.name, digest: policy.digest } };
    await write({ ...others, ...named, collections: [] });
  }
}

/** Deletes these keys or throws. */
export async function deleteKeys(storage: Storage, keys: readonly string[], call: Call = {}): Promise<void> {
  refuseKept({ keys, ...(await storage.delete(keys, call)) });
}

interface Answer extends Pick<DeleteResult, "failed" | "retained"> {
  readonly keys: readonly string[];
}

function refuseKept({ keys, failed, retained }: Answer): void {
  const [first] = failed;
  if (first !== undefined) {
    throw new BackupError(
      toEventError(first.error).code,
      `Cannot delete ${failed.length} of ${keys.length} objects, the first being ${first.key}`,
      {
        cause: first.error,
      },
    );
  }
  if (retained.length === 0) return;
  throw new BackupError(
    "refused",
    `The store keeps ${retained.length} of ${keys.length} objects under a retention lock, the first being ${retained[0]}`,
    { hint: "delete it once the lock has run out", facts: { retained } },
  );
}

async function* batches(storage: Storage, prefix: string, call: Call): AsyncGenerator<readonly string[]> {
  let keys: string[] = [];
  for await (const entry of storage.list(prefix, call)) {
    if (entry.kind === "object") keys.push(entry.key);
    if (keys.length < BATCH) continue;
    yield keys;
    keys = [];
  }
  yield keys;
}
