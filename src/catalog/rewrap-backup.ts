import type { Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { dataKeyFiles, keyInBackup, MANIFEST_KEY } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import type { ManifestEncryption } from "../format/manifest.ts";
import { bytesBody } from "../io/body.ts";
import { sealBytes } from "../seal/age-file.ts";
import type { DataKey } from "../seal/age-file.ts";
import { openCommitted } from "./open-backup.ts";
import { openDataKeys } from "./unseal-backup.ts";
import type { Unsealing } from "./unseal-backup.ts";

export interface Rewrapping extends Omit<Unsealing, "encryption"> {
  /** Those that can open it from now on, and nobody else. */
  readonly recipients: readonly string[];
}

/**
 * Gives a backup's key to other recipients: the key and the rest of the backup stay as they are. The key is written first:
 * what names the recipients never promises what does not open.
 */
export async function rewrapBackup(storage: Storage, rewrapping: Rewrapping): Promise<void> {
  const { backup, recipients, identities, signal } = rewrapping;
  const { manifest } = await openCommitted(storage, backup, { signal });
  if (manifest?.encryption === undefined) {
    throw new BackupError("refused", `Cannot give ${backup} other recipients: it is not encrypted`, {
      hint: "a backup is encrypted when it is made: by `encryption` in its policy, or create --encrypt-to",
    });
  }
  const { encryption } = manifest;
  const dataKeys = await openDataKeys(storage, { backup, encryption, identities, signal });
  for (const [file, wrapped] of await wrapKeys({ encryption, dataKeys }, recipients)) {
    await storage.write(keyInBackup(backup, file), bytesBody(wrapped), { signal });
  }
  const changed = encodeManifest({ ...manifest, encryption: { ...encryption, recipients } });
  await storage.write(keyInBackup(backup, MANIFEST_KEY), bytesBody(changed), { signal });
}

interface Keys {
  readonly encryption: ManifestEncryption;
  readonly dataKeys: readonly DataKey[];
}

/** The files of a backup's keys as they are for these recipients. */
export async function wrapKeys(
  { encryption, dataKeys }: Keys,
  recipients: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const { keyId, file } of dataKeyFiles(encryption)) {
    const dataKey = dataKeys.find(({ recipient }) => recipient === keyId);
    if (dataKey === undefined) throw new TypeError(`The key ${keyId} is not open`);
    files.set(file, await sealBytes(recipients, new TextEncoder().encode(dataKey.identity)));
  }
  return files;
}
