import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { dataKeyFiles, keyInBackup } from "../format/keys.ts";
import type { ManifestEncryption } from "../format/manifest.ts";
import { readBytes } from "../io/body.ts";
import { openBytes, toDataKey } from "../seal/age-file.ts";
import type { DataKey } from "../seal/age-file.ts";
import { isSealError } from "../seal/seal-error.ts";
import { sealStorage } from "./sealed-storage.ts";

export interface Unsealing extends Call {
  readonly backup: string;
  /** What the manifest says of its keys. */
  readonly encryption: ManifestEncryption;
  /** Those of the caller: secrets. */
  readonly identities: readonly string[];
}

/** The storage as it looks to who may read the backup. BackupErrors "denied" without a right identity, "damaged". */
export async function unsealBackup(storage: Storage, unsealing: Unsealing): Promise<Storage> {
  return sealStorage(storage, { backup: unsealing.backup, dataKeys: await openDataKeys(storage, unsealing) });
}

/** The keys that a backup is sealed with, in the order of their files. */
export async function openDataKeys(
  storage: Storage,
  { backup, encryption, identities, signal }: Unsealing,
): Promise<readonly [DataKey, ...DataKey[]]> {
  if (identities.length === 0) throw withoutIdentity(backup);
  const keys: DataKey[] = [];
  for (const { keyId, file } of dataKeyFiles(encryption)) {
    const wrapped = await readWrapped(storage, { backup, file }, { signal });
    const dataKey = await toDataKey(await unwrap(wrapped, { backup, file, identities }));
    if (dataKey.recipient !== keyId) throw damagedKey({ backup, file }, "it holds the key of another backup");
    keys.push(dataKey);
  }
  const [first, ...further] = keys;
  if (first === undefined) throw new TypeError(`The backup ${backup} has no key`);
  return [first, ...further];
}

export function withoutIdentity(backup: string): BackupError {
  return new BackupError("denied", `Cannot read the backup ${backup} without an identity: it is encrypted`, {
    hint: HINT,
  });
}

const HINT = "say --identity FILE with the age identity of one of its recipients, or set MILVUS_BACKUP_IDENTITY";

interface KeyFile extends Pick<Unsealing, "backup"> {
  /** Relative to the backup's directory. */
  readonly file: string;
}

async function readWrapped(storage: Storage, at: KeyFile, call: Call): Promise<Uint8Array> {
  try {
    return await readBytes((await storage.read(keyInBackup(at.backup, at.file), call)).body);
  } catch (error) {
    if (isStorageError(error, "corrupt")) throw damagedKey(at, error.message, error);
    throw isStorageError(error, "missing") ? damagedKey(at, "it is not there", error) : error;
  }
}

async function unwrap(
  wrapped: Uint8Array,
  { backup, file, identities }: KeyFile & Pick<Unsealing, "identities">,
): Promise<string> {
  try {
    return new TextDecoder().decode(await openBytes(identities, wrapped));
  } catch (error) {
    if (!isSealError(error)) throw error;
    if (error.code === "damaged") throw damagedKey({ backup, file }, error.message, error);
    throw new BackupError("denied", `Cannot read the backup ${backup}: it is encrypted to other recipients`, {
      hint: HINT,
    });
  }
}

function damagedKey({ backup, file }: KeyFile, why: string, cause?: unknown): BackupError {
  return new BackupError("damaged", `Cannot open ${keyInBackup(backup, file)}: ${why}`, {
    cause,
    facts: { file },
    hint: "take it from another copy of the backup: without it nothing of this one can be read",
  });
}
