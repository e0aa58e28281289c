import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { DATA_KEY_KEY, keyInBackup } from "../format/keys.ts";
import { readBytes } from "../io/body.ts";
import { openBytes, toDataKey } from "../seal/age-file.ts";
import type { DataKey } from "../seal/age-file.ts";
import { isSealError } from "../seal/seal-error.ts";
import { sealStorage } from "./sealed-storage.ts";

export interface Unsealing extends Call {
  readonly backup: string;
  /** The public key that the manifest names. */
  readonly keyId: string;
  /** Those of the caller: secrets. */
  readonly identities: readonly string[];
}

/** The storage as it looks to who may read the backup. BackupErrors "denied" without a right identity, "damaged". */
export async function unsealBackup(storage: Storage, unsealing: Unsealing): Promise<Storage> {
  return sealStorage(storage, { backup: unsealing.backup, dataKey: await openDataKey(storage, unsealing) });
}

/** The key that a backup is sealed with. */
export async function openDataKey(
  storage: Storage,
  { backup, keyId, identities, signal }: Unsealing,
): Promise<DataKey> {
  if (identities.length === 0) throw withoutIdentity(backup);
  const wrapped = await readWrapped(storage, backup, { signal });
  const dataKey = await toDataKey(await unwrap(wrapped, { backup, identities }));
  if (dataKey.recipient === keyId) return dataKey;
  throw damagedKey(backup, "it holds the key of another backup");
}

export function withoutIdentity(backup: string): BackupError {
  return new BackupError("denied", `Cannot read the backup ${backup} without an identity: it is encrypted`, {
    hint: HINT,
  });
}

const HINT = "say --identity FILE with the age identity of one of its recipients, or set MILVUS_BACKUP_IDENTITY";

async function readWrapped(storage: Storage, backup: string, call: Call): Promise<Uint8Array> {
  try {
    return await readBytes((await storage.read(keyInBackup(backup, DATA_KEY_KEY), call)).body);
  } catch (error) {
    throw isStorageError(error, "missing") ? damagedKey(backup, "it is not there", error) : error;
  }
}

async function unwrap(
  wrapped: Uint8Array,
  { backup, identities }: Pick<Unsealing, "backup" | "identities">,
): Promise<string> {
  try {
    return new TextDecoder().decode(await openBytes(identities, wrapped));
  } catch (error) {
    if (!isSealError(error)) throw error;
    if (error.code === "damaged") throw damagedKey(backup, error.message, error);
    throw new BackupError("denied", `Cannot read the backup ${backup}: it is encrypted to other recipients`, {
      hint: HINT,
    });
  }
}

function damagedKey(backup: string, why: string, cause?: unknown): BackupError {
  return new BackupError("damaged", `Cannot open ${keyInBackup(backup, DATA_KEY_KEY)}: ${why}`, {
    cause,
    hint: "take it from another copy of the backup: without it nothing of this one can be read",
  });
}
