import { readObjectList } from "../catalog/object-list.ts";
import { readManifest } from "../catalog/read-manifest.ts";
import type { Damage } from "../core/check-outcome.ts";
import { isStorageError } from "../core/contracts/storage.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { isBackupError, messageOf } from "../core/errors.ts";
import { keyInBackup } from "../format/keys.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { parsePayloadKey, sourceKey } from "../format/payload-keys.ts";
import { objectBody } from "../io/body.ts";
import { hashObject } from "../io/hash-object.ts";
import type { RepairPlaces } from "./check-job.ts";
import { storedBytes } from "./verify-entries.ts";
import { createDamageLog, noteDamage } from "./verify-job.ts";
import type { Verifying } from "./verify-job.ts";

/** A place that may have the object as it was. */
interface Donor {
  readonly name: string;
  readonly storage: Storage;
  /** Where the object is there; undefined when it cannot be. */
  keyOf(entry: ObjectEntry): string | undefined;
}

export interface Repair extends RepairPlaces {
  /** Asked before each object is written: what is there may be another run's by now. */
  guard(): Promise<void>;
}

/**
 * Writes what is missing or damaged anew, from a place that has the bytes that were recorded of it. Gives back the damage
 * with what each was healed from; what nobody has any more stays as it is. Nothing is deleted. Of an encrypted backup
 * these are the bytes as they are stored, which only its copies have.
 */
export async function repairDamage(check: Verifying, repair: Repair): Promise<readonly Damage[]> {
  const wanted = check.damage.kept.filter(isHealable);
  if (wanted.length === 0) return check.damage.kept;
  const entries = await findEntries(check, new Set(wanted.map(({ key }) => key)));
  const healedFrom = new Map<string, string>();
  for (const open of donorOpeners(check, repair)) {
    const left = [...entries.values()].filter(({ key }) => !healedFrom.has(key));
    if (left.length === 0) break;
    await using donor = await open();
    if (donor === undefined) continue;
    for (const entry of left) {
      if (await heal(check, { entry, donor: donor.donor, repair })) healedFrom.set(entry.key, donor.donor.name);
    }
  }
  return check.damage.kept.map((damage) => {
    const from = damage.key === undefined ? undefined : healedFrom.get(damage.key);
    return from === undefined ? damage : { ...damage, healedFrom: from };
  });
}

function isHealable(damage: Damage): damage is Damage & { readonly key: string } {
  const isObject = damage.key !== undefined && parsePayloadKey(damage.key) !== undefined;
  return isObject && (damage.kind === "missing" || damage.kind === "resized" || damage.kind === "changed");
}

/** Of these keys what was recorded of them; without a checksum nothing could be proven. */
async function findEntries(check: Verifying, keys: ReadonlySet<string>): Promise<ReadonlyMap<string, ObjectEntry>> {
  const entries = new Map<string, ObjectEntry>();
  if (!check.isOurs) return entries;
  const { stored, backup, job } = check;
  const { signal } = job.run;
  for (const collectionId of new Set([...keys].flatMap((key) => parsePayloadKey(key)?.collection ?? []))) {
    const scratch = createDamageLog(); // a list that cannot be read is told already
    await noteDamage(scratch, {}, async () => {
      for await (const entry of readObjectList(stored, { backup, collectionId, signal })) {
        if (keys.has(entry.key) && (entry.stored ?? entry).sha256 !== undefined) entries.set(entry.key, entry);
      }
    });
  }
  return entries;
}

interface OpenDonor extends AsyncDisposable {
  readonly donor: Donor;
}

type DonorOpener = () => Promise<OpenDonor | undefined>;

/** Copies first, which are the same in every byte; then the source, whose segments may have been compacted since. */
function donorOpeners(check: Verifying, { targets, source }: RepairPlaces): readonly DonorOpener[] {
  const { backup, manifest, target } = check;
  const { signal } = check.job.run;
  const others = targets.filter(({ name }) => name !== target.name);
  const copies = others.map(({ name, open }): DonorOpener => async () => {
    const opened = await orNotice(check, name, open);
    if (opened === undefined) return undefined;
    const found = await orNotice(check, name, () => readManifest(opened.storage, backup, { signal }));
    const isCopy = found !== undefined && found.runId === manifest?.runId;
    const donor: Donor = { name, storage: opened.storage, keyOf: ({ key }) => keyInBackup(backup, key) };
    if (isCopy) return { donor, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
    await opened[Symbol.asyncDispose]();
    return undefined;
  });
  const parents: DonorOpener = async () => ({
    donor: {
      name: "the backup that it was reused from",
      storage: check.stored,
      keyOf: ({ key, from }) => (from === undefined ? undefined : keyInBackup(from, key)),
    },
    [Symbol.asyncDispose]: async () => {},
  });
  if (source === undefined) return [...copies, parents];
  const ofSource: DonorOpener = async () => {
    const opened = await orNotice(check, `the source ${source.name}`, () => source.open());
    if (opened === undefined) return undefined;
    const donor: Donor = { name: `the source ${source.name}`, storage: opened.storage, keyOf: inSource };
    return { donor, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  };
  return [...copies, parents, ofSource];
}

function inSource({ key, stored }: ObjectEntry): string | undefined {
  const log = parsePayloadKey(key);
  return log === undefined || stored !== undefined ? undefined : sourceKey(log);
}

/** One place that is out of reach does not keep the others from being asked. */
async function orNotice<T>({ job }: Verifying, name: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    job.run.signal.throwIfAborted();
    if (!isBackupError(error) && !isStorageError(error)) throw error;
    job.run.record({ type: "notice", message: `nothing can be taken from ${name}: ${messageOf(error)}` });
    return undefined;
  }
}

interface Healing {
  readonly entry: ObjectEntry;
  readonly donor: Donor;
  readonly repair: Repair;
}

/** Only bytes that are proven are written, and never over such; what was written is read again. */
async function heal(check: Verifying, { entry, donor, repair }: Healing): Promise<boolean> {
  const { stored, backup, job } = check;
  const { signal } = job.run;
  const from = donor.keyOf(entry);
  const { sha256 } = entry.stored ?? entry;
  if (from === undefined || sha256 === undefined) return false;
  const bytes = storedBytes(entry);
  const isRight = async (storage: Storage, key: string): Promise<boolean> => {
    const info = await storage.stat(key, { signal });
    return info?.bytes === bytes && (await hashObject(storage, key, { signal })) === sha256;
  };
  if ((await orNotice(check, donor.name, () => isRight(donor.storage, from))) !== true) return false;
  const key = keyInBackup(backup, entry.key);
  await repair.guard();
  if (await isRight(stored, key)) return true; // somebody else has healed it since
  await stored.write(key, { ...objectBody(donor.storage, { key: from, bytes }, signal), sha256 }, { signal });
  return await isRight(stored, key);
}
