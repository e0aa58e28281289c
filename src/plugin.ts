/** The entry for plugin authors: contracts, errors and the define* functions. */
import type { StorageDefinition, StoragePlugin } from "./core/contracts/plugin.ts";

export type { StorageDefinition, StoragePlugin } from "./core/contracts/plugin.ts";
export type {
  ByteRange,
  Call,
  ChecksumAlgorithm,
  CopyRequest,
  DeleteResult,
  ListEntry,
  ListOptions,
  ObjectBody,
  ObjectInfo,
  ReadOptions,
  ReadResult,
  Storage,
  StorageCapabilities,
  StorageErrorCode,
  StorageErrorOptions,
  StorageLocation,
  WriteOptions,
} from "./core/contracts/storage.ts";
export { isStorageError, StorageError } from "./core/contracts/storage.ts";
export { checkSha256, exactBytes, throwIfAborted } from "./core/exact-bytes.ts";
export { compareUtf8 } from "./core/utf8-order.ts";

/** Makes a storage plugin. The host validates the options with the schema before it opens. */
export function defineStorage<Options>(definition: StorageDefinition<Options>): StoragePlugin {
  return {
    kind: "storage",
    apiVersion: definition.apiVersion,
    name: definition.name,
    options: definition.options,
    open: (options, call) => definition.open(options as Options, call), // the host passes what the schema gave out
  };
}
