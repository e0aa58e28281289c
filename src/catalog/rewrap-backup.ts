import type { Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { DATA_KEY_KEY, keyInBackup, MANIFEST_KEY } from "../format/keys.ts";
import { encodeManifest } from "../format/manifest.ts";
import { bytesBody } from "../io/body.ts";
import { sealBytes } from "../seal/age-file.ts";
import { openCommitted } from "./open-backup.ts";
import { openDataKey } from "./unseal-backup.ts";
import type { Unsealing } from "./unseal-backup.ts";

export interface Rewrapping extends Omit<Unsealing, "keyId"> {
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
  const { keyId } = manifest.encryption;
  const dataKey = await openDataKey(storage, { backup, keyId, identities, signal });
  const wrapped = await sealBytes(recipients, new TextEncoder().encode(dataKey.identity));
  await storage.write(keyInBackup(backup, DATA_KEY_KEY), bytesBody(wrapped), { signal });
  const changed = encodeManifest({ ...manifest, encryption: { keyId, recipients } });
  await storage.write(keyInBackup(backup, MANIFEST_KEY), bytesBody(changed), { signal });
}
