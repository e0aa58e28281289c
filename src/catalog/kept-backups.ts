import type { Call, Storage } from "../core/contracts/storage.ts";
import { formatName } from "../core/collection-name.ts";
import { isBackupError } from "../core/errors.ts";
import type { KeptBackup } from "../core/retention.ts";
import { formatPin } from "../core/pin.ts";
import type { Manifest, ManifestCollection } from "../format/manifest.ts";
import { forEachConcurrent } from "../io/limit.ts";
import type { BackupEntry } from "./entry.ts";
import { readManifest } from "./read-manifest.ts";

const READS_AT_ONCE = 16;

export interface Group {
  readonly policy: string;
  readonly source: string;
  /** Those of the Go tool, which say of no policy, are of this one. */
  readonly adopt: boolean;
}

/** Those of a target's backups that are of one policy and source, with what their manifests say to retention. */
export async function readKept(
  storage: Storage,
  { entries, ...group }: Group & { readonly entries: readonly BackupEntry[] },
  call: Call = {},
): Promise<readonly KeptBackup[]> {
  const own = entries.filter((entry) => isOfGroup(entry, group));
  const kept: KeptBackup[] = [];
  await forEachConcurrent(own, { concurrency: READS_AT_ONCE, ...call }, async (entry) => {
    kept.push({ ...pick(entry), ...fromManifest(await findManifest(storage, entry.name, call)) });
  });
  return kept;
}

function isOfGroup({ madeBy, policy, source }: BackupEntry, group: Group): boolean {
  if (madeBy === "go") return group.adopt;
  return policy === group.policy && source === group.source;
}

function pick({ name, state, startedAt, damaged, verified, pinned }: BackupEntry): KeptBackup {
  return { name, state, startedAt, damaged, verified, ...(pinned && { pinned: formatPin(pinned) }) };
}

function fromManifest(manifest: Manifest | undefined): Partial<KeptBackup> {
  if (manifest === undefined) return {};
  const whole = manifest.collections.filter(
    ({ state, partitions }) => state === "complete" && partitions === undefined,
  );
  const isMetaOnly = manifest.consistency === "meta-only";
  return { isMetaOnly, parent: manifest.parent, holds: whole.map(nameOf) };
}

/** In the clear an encrypted backup has only the ids of its collections. */
function nameOf({ id, database, name }: ManifestCollection): string {
  return name === "" ? id : formatName({ database, name });
}

/** One that is damaged or gone by now was listed as what it is. */
async function findManifest(storage: Storage, name: string, call: Call): Promise<Manifest | undefined> {
  try {
    return await readManifest(storage, name, call);
  } catch (error) {
    if (isBackupError(error) && error.code === "damaged") return undefined;
    throw error;
  }
}
