import { readObjectList } from "../catalog/object-list.ts";
import type { Damage } from "../core/check-outcome.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { sourceDonor } from "../core/heal-plan.ts";
import { keyInBackup } from "../format/keys.ts";
import type { ObjectEntry } from "../format/objects-list.ts";
import { parsePayloadKey, sourceKey } from "../format/payload-keys.ts";
import type { RepairPlaces } from "./check-job.ts";
import { copyOpeners, orNotice, writeAnew } from "./repair-donors.ts";
import type { Repair } from "./repair-donors.ts";
import { isOfBackup } from "./repair-metas.ts";
import { storedBytes } from "./verify-entries.ts";
import { createDamageLog, noteDamage } from "./verify-job.ts";
import type { Verifying } from "./verify-job.ts";

export interface Repaired {
  /** With what each was healed from; what nobody has any more stays as it is. */
  readonly damage: readonly Damage[];
  /** Who was asked for what is left, and answered; absent where some of it was only counted, which nobody was asked for. */
  readonly asked?: readonly string[] | undefined;
}

/** A place that may have the object as it was. */
interface Donor {
  readonly name: string;
  readonly storage: Storage;
  /** Where the object is there; undefined when it cannot be. */
  keyOf(entry: ObjectEntry): string | undefined;
}

/**
 * Writes what is missing or damaged anew, from a place that has the bytes that were recorded of it. Nothing is deleted. Of an encrypted backup
 * these are the bytes as they are stored, which only its copies have.
 */
export async function repairDamage(check: Verifying, repair: Repair): Promise<Repaired> {
  const { kept, found } = check.damage;
  const wanted = kept.filter(isHealable);
  if (kept.length === 0) return { damage: [], asked: [] };
  const entries = await findEntries(check, new Set(wanted.map(({ key }) => key)));
  const healedFrom = new Map<string, string>();
  const asked: string[] = [];
  for (const open of donorOpeners(check, repair)) {
    const left = [...entries.values()].filter(({ key }) => !healedFrom.has(key));
    if (left.length === 0 && entries.size > 0) break;
    await using donor = await open();
    if (donor === undefined) continue;
    const { healed, isWhole } = await healFrom(check, repair, { donor: donor.donor, left });
    for (const key of healed) healedFrom.set(key, donor.donor.name);
    if (isWhole && donor.donor.name !== PARENT) asked.push(donor.donor.name);
  }
  const damage = kept.map((one) => {
    const from = one.key === undefined ? undefined : healedFrom.get(one.key);
    return from === undefined ? one : { ...one, healedFrom: from };
  });
  return { damage, ...(found === kept.length && { asked }) };
}

/** After so many objects a place that fails is left, since each of them is tried for a while. */
const FAILURES = 3;

async function healFrom(
  check: Verifying,
  repair: Repair,
  { donor, left }: { readonly donor: Donor; readonly left: readonly ObjectEntry[] },
): Promise<{ readonly healed: readonly string[]; readonly isWhole: boolean }> {
  const healed: string[] = [];
  let failures = 0;
  for (const entry of left) {
    const from = donor.keyOf(entry);
    const { sha256 } = entry.stored ?? entry;
    if (from === undefined || sha256 === undefined) continue;
    const written = await writeAnew(check, repair, { donor, from, key: entry.key, bytes: storedBytes(entry), sha256 });
    if (written === "written") healed.push(entry.key);
    if (written === "broken") failures += 1;
    if (failures === FAILURES) break;
  }
  return { healed, isWhole: failures === 0 };
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

/** It is in the same target, so that it is not one who comes and goes. */
const PARENT = "the backup that it was reused from";

type DonorOpener = () => Promise<OpenDonor | undefined>;

/** Copies first, which are the same in every byte; then the source, whose segments may have been compacted since. */
function donorOpeners(check: Verifying, places: RepairPlaces): readonly DonorOpener[] {
  const { backup } = check;
  const { source } = places;
  const copies = copyOpeners(check, places, (manifest) => isOfBackup(check, manifest));
  const openers = copies.map((open): DonorOpener => async () => {
    const copy = await open();
    if (copy === undefined) return undefined;
    const { name, storage } = copy.target;
    const donor: Donor = { name, storage, keyOf: ({ key }) => keyInBackup(backup, key) };
    return { donor, [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose]() };
  });
  const parents: DonorOpener = async () => ({
    donor: {
      name: PARENT,
      storage: check.stored,
      keyOf: ({ key, from }) => (from === undefined ? undefined : keyInBackup(from, key)),
    },
    [Symbol.asyncDispose]: async () => {},
  });
  if (source === undefined) return [...openers, parents];
  const name = sourceDonor(source.name);
  const ofSource: DonorOpener = async () => {
    const opened = await orNotice(check, name, () => source.open());
    if (opened === undefined) return undefined;
    const donor: Donor = { name, storage: opened.storage, keyOf: inSource };
    return { donor, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  };
  return [...openers, parents, ofSource];
}

function inSource({ key, stored }: ObjectEntry): string | undefined {
  const log = parsePayloadKey(key);
  return log === undefined || stored !== undefined ? undefined : sourceKey(log);
}
