import { wrapKeys } from "../catalog/rewrap-backup.ts";
import { sealStorage } from "../catalog/sealed-storage.ts";
import { withoutIdentity } from "../catalog/unseal-backup.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { decideForm } from "../core/copy-form.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import type { Manifest, ManifestEncryption } from "../format/manifest.ts";
import type { DataKey } from "../seal/age-file.ts";
import type { BackupCopy } from "./copy-payload.ts";

/** Gives the keys of an encrypted backup; BackupError "denied" to who has no identity that opens them. */
export type FindDataKeys = (storage: Storage, backup: string, call: Call) => Promise<readonly DataKey[]>;

/** How a copy is written. */
export interface Writing {
  /** Seals what it is given, where the copy is encrypted and what is copied is not. */
  readonly storage: Storage;
  readonly isSealing: boolean;
  /** What the copy's manifest says of it; absent for one in the clear. */
  readonly encryption?: ManifestEncryption | undefined;
  /** In place of those of what is copied: the files of its keys for other recipients. */
  readonly keys?: ReadonlyMap<string, Uint8Array> | undefined;
}

export async function openWriting(
  { backup, from, to }: BackupCopy,
  { encryption: found }: Manifest,
  { findDataKeys, signal }: Call & { readonly findDataKeys: FindDataKeys | undefined },
): Promise<Writing> {
  const form = decideForm(found, to.encryption);
  if (form === "as-is" || !to.encryption) return { storage: to.storage, isSealing: false, encryption: found };
  const { recipients } = to.encryption;
  if (form === "seal" || found === undefined) {
    const { makeDataKey } = await import("../seal/age-file.ts");
    const dataKey = await makeDataKey();
    const encryption = { keyId: dataKey.recipient, recipients };
    return {
      storage: sealStorage(to.storage, { backup, dataKeys: [dataKey], encryption }),
      isSealing: true,
      encryption,
    };
  }
  const dataKeys = await keysFor({ backup, to: to.name }, async () => {
    if (findDataKeys === undefined) throw withoutIdentity(backup);
    return await findDataKeys(from.storage, backup, { signal });
  });
  const keys = await wrapKeys({ encryption: found, dataKeys }, recipients);
  return { storage: to.storage, isSealing: false, encryption: { ...found, recipients }, keys };
}

/** Without the key it stays where it is: nobody shall find it in a target for whose recipients it does not open. */
async function keysFor(
  { backup, to }: { readonly backup: string; readonly to: string },
  find: () => Promise<readonly DataKey[]>,
): Promise<readonly DataKey[]> {
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
