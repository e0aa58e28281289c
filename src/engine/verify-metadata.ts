import { readObjectList } from "../catalog/object-list.ts";
import { fileOpener } from "../catalog/meta-files.ts";
import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import { formatName } from "../core/collection-name.ts";
import { checkCollection } from "../format/check-collection.ts";
import { META_KEYS, objectsListKey } from "../format/keys.ts";
import { wholeIn } from "../format/manifest.ts";
import type { ManifestCollection } from "../format/manifest.ts";
import type { OpenFile } from "../format/meta-files.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { openPieces } from "../format/meta-pieces.ts";
import type { Counted, SpooledCollection } from "./object-spool.ts";
import { noteDamage } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";
import { createLevelSums, readLevelFiles, verifyLevelFiles } from "./verify-level-files.ts";
import { verifyRecordedList } from "./verify-sealed.ts";

/**
 * Whether the backup's own files can be read and agree: the meta files with each other, with the manifest, and with the
 * lists of objects. Gives back the collections whose meta is sound; the objects that they name are kept for the levels
 * that follow.
 */
export async function verifyMetadata(check: Verifying): Promise<readonly Subject[]> {
  const { job, target, backup, manifest, damage } = check;
  const open = fileOpener(target.storage, backup, { signal: job.run.signal });
  const subjects = new Map<string, Subject>();
  const sums = createLevelSums();
  const head = await noteDamage(damage, { key: META_KEYS.full }, async () => {
    const reading = await openPieces(open);
    for await (const spooled of check.spool.read(reading.pieces)) {
      sums.add(spooled);
      const subject = await verifyCollection(check, spooled);
      if (subject !== undefined) addSubject(check, subjects, subject);
    }
    return reading.head();
  });
  if (head === undefined) {
    await verifyApart(check, open);
    return [...subjects.values()];
  }
  const known = new Set([...sums.ids()].map(String));
  const lost = (manifest?.collections ?? []).filter(({ id, state }) => state === "complete" && !known.has(id));
  for (const collection of lost) {
    const { database, name } = collection;
    const message = "the manifest calls it whole, and the meta files do not have it";
    damage.add({ kind: "missing", collection: { database, name }, key: META_KEYS.full, message });
  }
  await verifyLevelFiles(check, open, { head, full: sums });
  return [...subjects.values()];
}

/** Where there is nothing to compare them with: whether the other files can be read, each by itself. */
async function verifyApart(check: Verifying, open: OpenFile): Promise<void> {
  const { damage, isOurs, manifest } = check;
  if (!isOurs) return;
  await readLevelFiles(check, open);
  for (const collection of manifest === undefined ? [] : wholeIn(manifest)) {
    if (!damage.has(objectsListKey(BigInt(collection.id)))) await verifyRecordedList(check, collection);
  }
}

/** Two of one id or name would be taken for each other. */
function addSubject({ damage }: Verifying, subjects: Map<string, Subject>, subject: Subject): void {
  const isTwice =
    subjects.has(subject.id) ||
    [...subjects.values()].some(({ name }) => formatName(name) === formatName(subject.name));
  if (!isTwice) return void subjects.set(subject.id, subject);
  const message = `collection ${subject.id} has the id or the name of another`;
  damage.add({ kind: "different", collection: subject.name, message });
}

async function verifyCollection(
  check: Verifying,
  { collection: meta, counted, fault }: SpooledCollection,
): Promise<Subject | undefined> {
  const { damage, manifest, isOurs } = check;
  const id = meta.collection_id.toString();
  const name = { database: meta.db_name, name: meta.collection_name };
  return noteDamage(damage, { collection: name }, async () => {
    checkCollection(meta);
    if (fault !== undefined) throw fault;
    const recorded = manifest?.collections.find((one) => one.id === id);
    if (manifest !== undefined) compareWithManifest(check, { name, counted, recorded });
    const hasList = isOurs && (await verifyList(check, meta));
    const { objects, bytes } = counted;
    return { id, name, objects, bytes, hasList };
  });
}

interface Recorded {
  readonly name: Subject["name"];
  readonly counted: Counted;
  readonly recorded: ManifestCollection | undefined;
}

/** Both were written by one commit. */
function compareWithManifest({ damage }: Verifying, { name, counted, recorded }: Recorded): void {
  if (recorded?.state !== "complete") {
    const message = "the meta files have it, and the manifest does not call it whole";
    return damage.add({ kind: "different", collection: name, message });
  }
  const [expected, said] = [formatName(recorded), formatName(name)];
  if (expected !== said) {
    const message = `the manifest calls it ${expected}, the meta files ${said}`;
    damage.add({ kind: "different", collection: name, expected, found: said, message });
  }
  const { insert, delta } = counted.objects;
  const found = { ...counted, objects: insert + delta };
  for (const what of ["objects", "bytes", "segments", "rows"] as const) {
    if (recorded[what] === found[what]) continue;
    damage.add({
      kind: "different",
      collection: name,
      expected: String(recorded[what]),
      found: String(found[what]),
      message: `the manifest tells of ${recorded[what]} ${what}, the meta files of ${found[what]}`,
    });
  }
}

/** Whether the list of its objects can be read; what it names must be what the meta files name. */
async function verifyList({ job, target, backup, damage, spool }: Verifying, meta: CollectionMeta): Promise<boolean> {
  const collection = { database: meta.db_name ?? "default", name: meta.collection_name };
  const key = objectsListKey(meta.collection_id);
  const { signal } = job.run;
  const isReadable = await noteDamage(damage, { collection, key }, async () => {
    const list = readObjectList(target.storage, { backup, collectionId: meta.collection_id, signal });
    const differences = await compareObjects(spool.objects(meta.collection_id.toString()), list);
    if (hasDifferences(differences)) {
      const message = `the list of its objects is not what the meta files name: ${formatDifferences(differences)}`;
      damage.add({ kind: "different", collection, key, message });
    }
    return true;
  });
  return isReadable ?? false;
}
