import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { BackupError } from "../core/errors.ts";
import { masking, maskStorage } from "../io/mask-storage.ts";
import { retryStorage } from "../io/retry-storage.ts";
import { joinPrefix, scopeStorage } from "../io/scoped-storage.ts";
import type { Call, Storage } from "../plugin.ts";
import { findSecrets } from "./find-secrets.ts";
import type { LoadedConfig } from "./load-config.ts";
import { revealOptions } from "./reveal-options.ts";
import { findPlugin } from "./storage-options.ts";

type Opener = Pick<LoadedConfig, "secrets" | "storagePlugins">;

/**
 * Opens a storage at its prefix, with its secrets revealed; what is safe to repeat is repeated when the store is busy.
 * BackupError "invalid" when the options are wrong; what the plugin throws comes through.
 */
export async function openStorage(config: Opener, storage: StorageSettings, call: Call = {}): Promise<Storage> {
  const { name, type, prefix } = storage;
  const plugin = await findPlugin(config.storagePlugins, type);
  if (plugin === undefined)
    throw new BackupError("invalid", `Cannot open the storage ${name}: there is no type ${type}`);
  const options = await revealOptions(config.secrets, plugin.options, {
    options: storage.options,
    path: ["storages", name],
    failure: `Cannot open the storage ${name}`,
    signal: call.signal,
  });
  const { mask } = config.secrets;
  const opened = await masking(mask, () => plugin.open(options, call));
  const hasSecrets = findSecrets(storage.options).length > 0;
  return scopeStorage(retryStorage(hasSecrets ? maskStorage(opened, mask) : opened), prefix);
}

/** The storage that begins at a prefix below this one's. */
export function belowPrefix(storage: StorageSettings, prefix: string): StorageSettings {
  return { ...storage, prefix: joinPrefix(storage.prefix, prefix) };
}
