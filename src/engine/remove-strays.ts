import { deleteKeys } from "../catalog/delete-backup.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { dataKeyFiles, keyInBackup, MANIFEST_KEY, objectsListKey, SEALED_MANIFEST_KEY } from "../format/keys.ts";
import type { Manifest, ManifestEncryption } from "../format/manifest.ts";
import { wholeIn } from "../format/manifest.ts";
import { parsePayloadKey } from "../format/payload-keys.ts";

const BATCH = 1000;

interface Committing {
  readonly manifest: Manifest;
  /** Of its seal, whose files are written when it is begun: without its keys it could never be read. */
  readonly encryption: ManifestEncryption | undefined;
}

/** Removes what is in an uncommitted backup's directory and belongs to none of its collections. */
export async function removeStrays(storage: Storage, { manifest, encryption }: Committing, call: Call): Promise<void> {
  const root = keyInBackup(manifest.backup, "");
  const ids = new Set(wholeIn(manifest).map(({ id }) => BigInt(id)));
  const files = new Set([
    MANIFEST_KEY,
    ...(encryption ? [SEALED_MANIFEST_KEY, ...dataKeyFiles(encryption).map(({ file }) => file)] : []),
    ...Array.from(ids, objectsListKey),
  ]);
  const isKnown = (key: string): boolean => files.has(key) || ids.has(parsePayloadKey(key)?.collection ?? -1n);
  let strays: string[] = [];
  for await (const entry of storage.list(root, call)) {
    if (entry.kind === "object" && !isKnown(entry.key.slice(root.length))) strays.push(entry.key);
    if (strays.length < BATCH) continue;
    await deleteKeys(storage, strays, call);
    strays = [];
  }
  await deleteKeys(storage, strays, call);
}
