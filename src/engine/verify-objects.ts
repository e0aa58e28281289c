import { compareObjects } from "../core/copy-plan.ts";
import type { FoundObject } from "../core/copy-plan.ts";
import {
  dataKeyFiles,
  keyInBackup,
  MANIFEST_KEY,
  META_KEYS,
  objectsListKey,
  SEALED_MANIFEST_KEY,
} from "../format/keys.ts";
import { expectedEntries, storedBytes } from "./verify-entries.ts";
import { objectDamage } from "./verify-job.ts";
import type { Subject, Verifying } from "./verify-job.ts";

/**
 * Whether every object is there with its size, and nothing more: one listing of the backup, which comes a collection at
 * a time and is compared as it comes. Gives back how many objects there are.
 */
export async function verifyObjects(check: Verifying, subjects: readonly Subject[]): Promise<number> {
  const byId = new Map(subjects.map((subject) => [subject.id, subject]));
  const total = subjects.reduce((sum, { objects }) => sum + objects.insert + objects.delta, 0);
  const isMetaFile = metaFilesOf(check, subjects);
  const seen = new Set<string>();
  let done = 0;
  for await (const group of groups(check)) {
    if (group.place === undefined) {
      const strays = group.objects.filter(({ key }) => !isMetaFile(key));
      for (const { key } of strays) addExtra(check, key);
      continue;
    }
    const { kind, id } = group.place;
    seen.add(`${kind}/${id}`);
    await compareGroup(check, { kind, subject: byId.get(id), found: group.objects });
    done += group.objects.length;
    check.progress({ phase: "list", done, total: Math.max(done, total), unit: "objects" });
  }
  for (const subject of subjects) {
    for (const kind of ["insert", "delta"] as const) {
      const isUnseen = !seen.has(`${kind}/${subject.id}`) && subject.objects[kind] > 0;
      if (isUnseen) await compareGroup(check, { kind, subject, found: [] });
    }
  }
  return done;
}

type LogKind = "insert" | "delta";

interface Group {
  /** Undefined: of no collection. */
  readonly place: { readonly kind: LogKind; readonly id: string } | undefined;
  readonly objects: readonly FoundObject[];
}

/** What the backup's directory holds, by collection and kind of log: keys come in order, so that these come together. */
async function* groups({ job, target, backup }: Verifying): AsyncGenerator<Group> {
  const root = keyInBackup(backup, "");
  let place: Group["place"];
  let objects: FoundObject[] = [];
  for await (const entry of target.storage.list(root, { signal: job.run.signal })) {
    if (entry.kind !== "object") continue;
    const key = entry.key.slice(root.length);
    const next = placeOf(key);
    if (!isSamePlace(next, place)) {
      if (objects.length > 0) yield { place, objects };
      objects = [];
      place = next;
    }
    objects.push({ key, bytes: entry.bytes });
  }
  if (objects.length > 0) yield { place, objects };
}

const PLACE = /^binlogs\/(insert|delta)_log\/(\d+)\//;

function placeOf(key: string): Group["place"] {
  const [, kind, id = ""] = PLACE.exec(key) ?? [];
  return kind === "insert" || kind === "delta" ? { kind, id } : undefined;
}

function isSamePlace(a: Group["place"], b: Group["place"]): boolean {
  return a?.kind === b?.kind && a?.id === b?.id;
}

interface Comparing {
  readonly kind: LogKind;
  readonly subject: Subject | undefined;
  readonly found: readonly FoundObject[];
}

async function compareGroup(check: Verifying, { kind, subject, found }: Comparing): Promise<void> {
  const isUntold = subject === undefined && check.damage.kept.some((damage) => damage.kind === "unreadable");
  if (isUntold) return; // it may be of a collection whose meta cannot be read
  const expected: FoundObject[] = [];
  if (subject !== undefined) {
    const prefix = `binlogs/${kind}_log/`;
    for await (const entry of expectedEntries(check, subject)) {
      if (entry.key.startsWith(prefix)) expected.push({ key: entry.key, bytes: storedBytes(entry) });
    }
  }
  const collection = subject?.name;
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

/** Milvus imports directories, not lists of files: what should not be there would come in as well. */
function addExtra({ damage }: Verifying, key: string, collection?: Subject["name"]): void {
  const message = "nothing in the backup names this object";
  damage.add(objectDamage({ kind: "extra", ...(collection && { collection }), key, message }));
}

/** What a backup of the Go tool has besides the files that we know, it may have. */
function metaFilesOf({ manifest, isOurs }: Verifying, subjects: readonly Subject[]): (key: string) => boolean {
  if (!isOurs) return (key) => key.startsWith("meta/");
  const lists = [...(manifest?.collections ?? []), ...subjects].map(({ id }) => objectsListKey(BigInt(id)));
  const ofSeal =
    manifest?.encryption === undefined
      ? []
      : [...dataKeyFiles(manifest.encryption).map(({ file }) => file), SEALED_MANIFEST_KEY];
  const known = new Set([MANIFEST_KEY, ...ofSeal, ...Object.values(META_KEYS), ...lists]);
  return (key) => known.has(key);
}
