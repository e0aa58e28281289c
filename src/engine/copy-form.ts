import { sealStorage } from "../catalog/sealed-storage.ts";
import { withoutIdentity } from "../catalog/unseal-backup.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { decideForm } from "../core/copy-form.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import type { Manifest, ManifestEncryption } from "../format/manifest.ts";
import type { DataKey } from "../seal/age-file.ts";
import type { BackupCopy } from "./copy-payload.ts";

/** Gives the key of an encrypted backup; BackupError "denied" to who has no identity that opens it. */
export type FindDataKey = (storage: Storage, backup: string, call: Call) => Promise<DataKey>;

/** How a copy is written. */
export interface Writing {
  /** Seals what it is given, where the copy is encrypted and what is copied is not. */
  readonly storage: Storage;
  readonly isSealing: boolean;
  /** In place of those of what is copied: the key for other recipients, and what the manifest says of it. */
  readonly rewrapped?: { readonly key: Uint8Array; readonly encryption: ManifestEncryption } | undefined;
}

export async function openWriting(
  { backup, from, to }: BackupCopy,
  { encryption: found }: Manifest,
  { findDataKey, signal }: Call & { readonly findDataKey: FindDataKey | undefined },
): Promise<Writing> {
  const form = decideForm(found, to.encryption);
  if (form === "as-is" || !to.encryption) return { storage: to.storage, isSealing: false };
  const { recipients } = to.encryption;
  const { makeDataKey, sealBytes } = await import("../seal/age-file.ts");
  if (form === "seal" || found === undefined) {
    const seal = { backup, dataKey: await makeDataKey(), recipients };
    return { storage: sealStorage(to.storage, seal), isSealing: true };
  }
  const dataKey = await keyFor({ backup, to: to.name }, async () => {
    if (findDataKey === undefined) throw withoutIdentity(backup);
    return await findDataKey(from.storage, backup, { signal });
  });
  const key = await sealBytes(recipients, new TextEncoder().encode(dataKey.identity));
  return { storage: to.storage, isSealing: false, rewrapped: { key, encryption: { keyId: found.keyId, recipients } } };
}

/** Without the key it stays where it is: nobody shall find it in a target for whose recipients it does not open. */
async function keyFor(
  { backup, to }: { readonly backup: string; readonly to: string },
  find: () => Promise<DataKey>,
): Promise<DataKey> {
  try {
    return await find();
  } catch (cause) {
    if (!isBackupError(cause) || cause.code !== "denied") throw cause;
    throw new BackupError("denied", `Cannot give ${backup} the recipients of ${to}: it is encrypted to others`, {
      cause,
      hint: "name an identity of it in the config's identities or MILVUS_BACKUP_IDENTITY, or copy it with --identity FILE",
    });
  }
}
