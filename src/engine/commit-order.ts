import { dataKeyFiles, MANIFEST_KEY, META_KEYS, objectsListKey, SEALED_MANIFEST_KEY } from "../format/keys.ts";
import { wholeIn } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";

/** The order of the design: whoever reads full_meta and backup_meta finds everything else in place. */
const COMMIT_ORDER = [
  MANIFEST_KEY,
  META_KEYS.segment,
  META_KEYS.partition,
  META_KEYS.collection,
  META_KEYS.full,
  META_KEYS.backup,
];

/** The files that commit a backup, once its objects and their lists are there, in the order in which they are written. */
export function commitFiles({ encryption }: Pick<Manifest, "encryption">): readonly string[] {
  const ofSeal =
    encryption === undefined ? [] : [...dataKeyFiles(encryption).map(({ file }) => file), SEALED_MANIFEST_KEY];
  return [...ofSeal, ...COMMIT_ORDER];
}

/** Every file of a backup beside its objects, in the order in which they are written. */
export function filesOf(manifest: Manifest): readonly string[] {
  return [...wholeIn(manifest).map(({ id }) => objectsListKey(BigInt(id))), ...commitFiles(manifest)];
}
