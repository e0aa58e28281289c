import { readObjectList } from "../catalog/object-list.ts";
import { unsealedBytes } from "../catalog/sealed-storage.ts";
import {
  DATA_KEY_KEY,
  dataKeyFiles,
  keyInBackup,
  META_KEYS,
  objectsListKey,
  SEALED_MANIFEST_KEY,
} from "../format/keys.ts";
import type { ManifestCollection } from "../format/manifest.ts";
import { parsePayloadKey } from "../format/payload-keys.ts";
import { noteDamage } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";

/** What such a check cannot prove, and why. */
export const NO_IDENTITY = "its meta files are there, but were not opened: no identity was given";
export const NO_KEY = "its meta files are there, but could not be opened: its key is damaged";
export const NO_MANIFEST = "its meta files are there, but could not be opened: its manifest is lost";

/**
 * What of an encrypted backup's own files can be looked at without an identity: whether each is there and has a length
 * that a sealed file can have, and whether the lists of objects are what the manifest tells. Gives back its collections,
 * which have no names here.
 */
export async function verifySealed(check: Verifying): Promise<readonly Subject[]> {
  await verifyFiles(check);
  const subjects: Subject[] = [];
  for (const collection of check.manifest?.collections ?? []) {
    if (collection.state !== "complete") continue;
    subjects.push(await verifyRecordedList(check, { ...collection, database: "(encrypted)", name: collection.id }));
  }
  return subjects;
}

async function verifyFiles({ stored, backup, manifest, damage, job }: Verifying): Promise<void> {
  const { signal } = job.run;
  const keyFiles = manifest?.encryption ? dataKeyFiles(manifest.encryption).map(({ file }) => file) : [DATA_KEY_KEY];
  for (const key of [...keyFiles, SEALED_MANIFEST_KEY, ...Object.values(META_KEYS)]) {
    if (damage.has(key)) continue; // a key that could not be opened
    const info = await stored.stat(keyInBackup(backup, key), { signal });
    if (info === undefined) damage.add({ kind: "missing", key, message: "the file is not there" });
    else if (!keyFiles.includes(key) && unsealedBytes(info.bytes) === undefined) {
      damage.add({ kind: "unreadable", key, message: `no encrypted file has ${info.bytes} bytes` });
    }
  }
}

/** Whether a list can be read, and has what the manifest tells; what the meta files say does not matter. */
export async function verifyRecordedList(
  { stored, backup, damage, job }: Verifying,
  { id, database, name: own, objects, bytes }: ManifestCollection,
): Promise<Subject> {
  const { signal } = job.run;
  const name = { database, name: own };
  const key = objectsListKey(BigInt(id));
  const found = { objects: { insert: 0, delta: 0 }, bytes: 0 };
  const isReadable = await noteDamage(damage, { collection: name, key }, async () => {
    for await (const entry of readObjectList(stored, { backup, collectionId: BigInt(id), signal })) {
      const kind = parsePayloadKey(entry.key)?.kind ?? "insert"; // a list has no other keys
      found.objects[kind] += 1;
      found.bytes += entry.bytes;
    }
    return true;
  });
  const counted = found.objects.insert + found.objects.delta;
  if (isReadable && (counted !== objects || found.bytes !== bytes)) {
    const [expected, seen] = [`${objects} objects, ${bytes} bytes`, `${counted} objects, ${found.bytes} bytes`];
    const message = `the list of its objects has ${seen}, the manifest tells of ${expected}`;
    damage.add({ kind: "different", collection: name, key, expected, found: seen, message });
  }
  return { id, name, ...found, hasList: isReadable ?? false };
}
