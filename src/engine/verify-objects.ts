import { compareObjects } from "../core/copy-plan.ts";
import type { FoundObject } from "../core/copy-plan.ts";
import { dataKeyFiles, MANIFEST_KEY, META_KEYS, objectsListKey, SEALED_MANIFEST_KEY } from "../format/keys.ts";
import { openListing } from "./backup-listing.ts";
import type { LogKind } from "./backup-listing.ts";
import { expectedEntries, storedBytes } from "./verify-entries.ts";
import { objectDamage } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";

/**
 * Whether every object is there with its size, and nothing more: one listing of the backup, which comes a collection at
 * a time, is read beside what is expected of each. Gives back how many objects there are.
 */
export async function verifyObjects(check: Verifying, subjects: readonly Subject[]): Promise<number> {
  const byId = new Map(subjects.map((subject) => [subject.id, subject]));
  const total = subjects.reduce((sum, { objects }) => sum + objects.insert + objects.delta, 0);
  const isMetaFile = metaFilesOf(check, subjects);
  const seen = new Set<string>();
  await using listing = await openListing(check, (done) => {
    check.progress({ phase: "list", done, total: Math.max(done, total), unit: "objects" });
  });
  for (let next = listing.next(); next !== undefined; next = listing.next()) {
    const { key, place } = next;
    if (place === undefined) {
      if (!isMetaFile(key)) addExtra(check, key);
      await listing.skip();
      continue;
    }
    seen.add(`${place.kind}/${place.id}`);
    await compareGroup(check, { kind: place.kind, subject: byId.get(place.id), found: listing.group() });
  }
  for (const subject of subjects) {
    for (const kind of ["insert", "delta"] as const) {
      const isUnseen = !seen.has(`${kind}/${subject.id}`) && subject.objects[kind] > 0;
      if (isUnseen) await compareGroup(check, { kind, subject, found: [] });
    }
  }
  return listing.done();
}

interface Comparing {
  readonly kind: LogKind;
  readonly subject: Subject | undefined;
  readonly found: AsyncIterable<FoundObject> | readonly FoundObject[];
}

async function compareGroup(check: Verifying, { kind, subject, found }: Comparing): Promise<void> {
  if (subject === undefined && isAnyUntold(check)) {
    for await (const _ of found); // it may be of a collection whose meta cannot be read
    return;
  }
  const collection = subject?.name;
  const expected = subject === undefined ? [] : expectedOf(check, subject, kind);
  const { missing, extra, resized } = await compareObjects(expected, found);
  for (const key of missing) {
    check.damage.add(objectDamage({ kind: "missing", collection, key, message: "the object is not there" }));
  }
  for (const one of resized) {
    const sizes = { expected: `${one.expected} bytes`, found: `${one.found} bytes` };
    const message = `it has ${one.found} bytes, not ${one.expected}`;
    check.damage.add(objectDamage({ kind: "resized", collection, key: one.key, ...sizes, message }));
  }
  for (const key of extra) addExtra(check, key, collection);
}

/** Whether there may be collections that nothing tells of any more. */
function isAnyUntold({ damage, isOurs, manifest }: Verifying): boolean {
  return (isOurs && manifest === undefined) || damage.kept.some(({ kind }) => kind === "unreadable");
}

async function* expectedOf(check: Verifying, subject: Subject, kind: LogKind): AsyncGenerator<FoundObject> {
  const prefix = `binlogs/${kind}_log/`;
  for await (const entry of expectedEntries(check, subject)) {
    if (entry.key.startsWith(prefix)) yield { key: entry.key, bytes: storedBytes(entry) };
  }
}

/** Milvus imports directories, not lists of files: what should not be there would come in as well. */
function addExtra({ damage }: Verifying, key: string, collection?: Subject["name"]): void {
  const message = "nothing in the backup names this object";
  damage.add(objectDamage({ kind: "extra", ...(collection && { collection }), key, message }));
}

/** What a backup of the Go tool has besides the files that we know, it may have; so may one whose manifest is lost. */
function metaFilesOf({ manifest, isOurs }: Verifying, subjects: readonly Subject[]): (key: string) => boolean {
  if (!isOurs || manifest === undefined) return (key) => key.startsWith("meta/");
  const lists = [...manifest.collections, ...subjects].map(({ id }) => objectsListKey(BigInt(id)));
  const ofSeal =
    manifest.encryption === undefined
      ? []
      : [...dataKeyFiles(manifest.encryption).map(({ file }) => file), SEALED_MANIFEST_KEY];
  const known = new Set([MANIFEST_KEY, ...ofSeal, ...Object.values(META_KEYS), ...lists]);
  return (key) => known.has(key);
}
