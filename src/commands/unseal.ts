import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { readManifest } from "../catalog/read-manifest.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { formatPath } from "../config/problem.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { BackupError, isBackupError, messageOf } from "../core/errors.ts";
import type { FindDataKeys } from "../engine/copy-form.ts";
import type { Manifest } from "../format/manifest.ts";
import type { Caller } from "./caller.ts";

/** The storage as who has the identities sees this backup; the same one for a backup that is not encrypted. */
export type Unseal = (storage: Storage, backup: string) => Promise<Storage>;

export interface IdentityChoice {
  /** Files with age identities. */
  readonly identities?: readonly string[] | undefined;
}

/** BackupError "denied" without an identity that opens it. */
export function createUnseal(config: LoadedConfig, choice: IdentityChoice, caller: Caller): Unseal {
  return unsealWith(caller, () => readIdentities(config, choice, caller));
}

/** For checks: whoever has no identity at all is given the storage as it is, to look at what is in the clear. */
export function createCheckUnseal(config: LoadedConfig, choice: IdentityChoice, caller: Caller): Unseal {
  return unsealWith(caller, async () => {
    const identities = await readIdentities(config, choice, caller);
    return identities.length === 0 ? undefined : identities;
  });
}

/** For copies to other recipients. */
export function createFindDataKeys(config: LoadedConfig, choice: IdentityChoice, caller: Caller): FindDataKeys {
  return async (storage, backup, call) => {
    const encryption = (await findManifest(storage, backup, caller))?.encryption;
    if (encryption === undefined) throw new TypeError(`Cannot find the key of ${backup}: it is not encrypted`);
    const { openDataKeys } = await import("../catalog/unseal-backup.ts");
    const identities = await readIdentities(config, choice, caller);
    return openDataKeys(storage, { backup, encryption, identities, ...call });
  };
}

/** Identities are read for what is encrypted only. Nothing is opened when there are none to be given. */
function unsealWith(caller: Caller, identitiesOf: () => Promise<readonly string[] | undefined>): Unseal {
  return async (storage, backup) => {
    const encryption = (await findManifest(storage, backup, caller))?.encryption;
    const identities = encryption && (await identitiesOf());
    if (encryption === undefined || identities === undefined) return storage;
    const { unsealBackup } = await import("../catalog/unseal-backup.ts");
    return unsealBackup(storage, { backup, encryption, identities, signal: caller.signal });
  };
}

/** One that cannot be read is for its reader to complain of. */
async function findManifest(storage: Storage, backup: string, { signal }: Caller): Promise<Manifest | undefined> {
  try {
    return await readManifest(storage, backup, { signal });
  } catch (error) {
    if (isBackupError(error) && error.code === "damaged") return undefined;
    throw error;
  }
}

const VARIABLE = "MILVUS_BACKUP_IDENTITY";

/** Of the files that are named, of MILVUS_BACKUP_IDENTITY and of the config. BackupErrors never have anything of them. */
export async function readIdentities(
  config: LoadedConfig,
  { identities: files = [] }: IdentityChoice,
  { cwd, env, signal }: Caller,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const file of files) {
    const text = await readIdentityFile(resolve(cwd, file), signal);
    found.push(...(await parseIdentities(text, file)));
  }
  const isSet = (env[VARIABLE] ?? "") !== "";
  const places = isSet ? [{ secret: { env: VARIABLE }, path: [VARIABLE] }] : [];
  const ofConfig = config.identities.map((secret, index) => ({ secret, path: ["identities", index] }));
  for (const { secret, path } of [...places, ...ofConfig]) {
    const text = await config.secrets.reveal(secret, { path, signal }); // from here on it is masked
    found.push(...(await parseIdentities(text, formatPath(path))));
  }
  return found;
}

async function readIdentityFile(file: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(file, { encoding: "utf8", signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new BackupError("denied", `Cannot read the identities of ${file}: ${messageOf(error)}`, {
      hint: "age-keygen makes such a file",
    });
  }
}

/** A line each, as age-keygen writes them; "#" begins a comment. */
async function parseIdentities(text: string, place: string): Promise<readonly string[]> {
  const { isIdentity } = await import("../seal/age-file.ts");
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const areIdentities = await Promise.all(identities.map(isIdentity));
  if (identities.length > 0 && areIdentities.every(Boolean)) return identities;
  throw new BackupError("denied", `Cannot use the identities of ${place}: it has none, or a line that is none`, {
    hint: "an identity is a line that begins with AGE-SECRET-KEY-1; age-keygen makes such a file",
  });
}
