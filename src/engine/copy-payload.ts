import { readObjectList } from "../catalog/object-list.ts";
import { storedFormOf } from "../catalog/sealed-storage.ts";
import { compareObjects, formatDifferences, hasDifferences } from "../core/copy-plan.ts";
import type { FoundObject } from "../core/copy-plan.ts";
import type { ObjectInfo } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { keyInBackup } from "../format/keys.ts";
import type { ManifestCollection } from "../format/manifest.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import type { Writing } from "./copy-form.ts";
import { isIntact, keepProven, storedBytes } from "./keep-proven.ts";
import { listPayload } from "./payload.ts";
import type { OpenTarget } from "./places.ts";
import type { Progress } from "./progress.ts";
import { transferObjects } from "./transfer-objects.ts";
import type { TransferJob } from "./transfer-objects.ts";

/** One backup, from one target to another. */
export interface BackupCopy {
  readonly backup: string;
  readonly from: OpenTarget;
  readonly to: OpenTarget;
}

export interface PayloadCopy extends BackupCopy {
  readonly collection: ManifestCollection;
}

export interface WrittenCopy extends PayloadCopy {
  readonly writing: Writing;
}

export interface CopiedPayload {
  /** How many objects were there already. */
  readonly kept: number;
  /** What the list of them says, where it is another one than that of what was copied. */
  readonly resealed?: readonly ObjectEntry[] | undefined;
}

/**
 * Makes what the target holds of a collection exactly what its list says, every object proven by the checksum that was
 * recorded of it. What is sealed on the way has another form then; what an earlier copy left of such is of another key.
 */
export async function copyPayload(job: TransferJob, copy: WrittenCopy, progress: Progress): Promise<CopiedPayload> {
  const { from, to, writing } = copy;
  const entries = new Map(await readEntries(job, copy));
  const kept = await keepProven(job, {
    storage: to.storage,
    backup: copy.backup,
    collectionId: BigInt(copy.collection.id),
    recordOf: (key) => (writing.isSealing ? undefined : entries.get(key)),
    isExpected: (key) => entries.has(key),
  });
  const objects = [...entries.values()]
    .filter(({ key }) => !kept.has(key))
    .map((entry) => {
      const key = keyInBackup(copy.backup, entry.key);
      return { key, sourceKey: key, bytes: storedBytes(entry), entry };
    });
  const onCopied = async ({ key, entry }: (typeof objects)[number], info: ObjectInfo): Promise<void> => {
    if (!(await isIntact(to.storage, { entry, info: { ...info, key } }, job.run.signal)))
      throw rotten(entry.key, from.name);
    const stored = storedFormOf(info);
    if (stored !== undefined) entries.set(entry.key, { ...entry, etag: undefined, sha256: info.sha256, stored });
  };
  await transferObjects(job, { from: from.storage, to: writing.storage, objects, onCopied }, progress);
  await comparePayload(job, copy, entries);
  return { kept: kept.size, ...(writing.isSealing && { resealed: [...entries.values()] }) };
}

type Entries = ReadonlyMap<string, ObjectEntry>;

/** The list of the backup that is copied, which must be whole: nothing else says what is to be there. */
export async function readEntries({ run }: TransferJob, { backup, from, collection }: PayloadCopy): Promise<Entries> {
  const { signal } = run;
  const entries = new Map<string, ObjectEntry>();
  let bytes = 0;
  for await (const entry of readObjectList(from.storage, { backup, collectionId: BigInt(collection.id), signal })) {
    entries.set(entry.key, entry);
    bytes += entry.bytes;
  }
  if (entries.size === collection.objects && bytes === collection.bytes) return entries;
  const { database, name } = collection;
  const message = `The backup ${backup} in ${from.name} is damaged: its list of the objects of ${database}.${name} is not that of its manifest`;
  throw new BackupError("damaged", message, { hint: TAKE_ANOTHER });
}

const TAKE_ANOTHER = "it is of no use there: take another backup, or copy it from a target that has it whole";

function rotten(key: string, target: string): BackupError {
  return new BackupError("damaged", `Cannot copy ${key} from ${target}: its bytes are not those that were backed up`, {
    hint: TAKE_ANOTHER,
    facts: { key },
  });
}

/** Milvus imports directories, not lists of files: exactly these may be there. */
export async function comparePayload(job: TransferJob, copy: PayloadCopy, entries: Entries): Promise<void> {
  const expected = Array.from(entries.values(), (entry) => ({ key: entry.key, bytes: storedBytes(entry) }));
  const differences = await compareObjects(expected, listCopied(job, copy));
  if (!hasDifferences(differences)) return;
  const { backup, to } = copy;
  throw new BackupError(
    "damaged",
    `The copy of ${backup} in ${to.name} is not whole: ${formatDifferences(differences)}`,
    {
      hint: `milvus-backup delete ${backup} --target ${to.name} removes it`,
      facts: { ...differences },
    },
  );
}

function listCopied({ run }: TransferJob, { backup, to, collection }: PayloadCopy): AsyncIterable<FoundObject> {
  return listPayload(to.storage, { backup, collectionId: BigInt(collection.id), signal: run.signal });
}
