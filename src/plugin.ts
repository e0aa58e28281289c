/** The entry for plugin authors: contracts, errors and the define* functions. */
import { z } from "zod";
import type { HookContext, HookDefinition, HookPlugin } from "./core/contracts/hook-plugin.ts";
import type { ObserverDefinition, ObserverHandlers, ObserverPlugin } from "./core/contracts/observer.ts";
import type { StorageDefinition, StoragePlugin } from "./core/contracts/plugin.ts";
import type { SecretProviderDefinition, SecretProviderPlugin } from "./core/contracts/secret-provider.ts";

export type { CollectionName } from "./core/collection-name.ts";
export type { HookAnswer, HookContext, HookDefinition, HookOutcome, HookPlugin } from "./core/contracts/hook-plugin.ts";
export type {
  HookAction,
  HookFacts,
  HookMoment,
  HookOutcomeState,
  HookScope,
  HookState,
} from "./core/contracts/hooks.ts";
export type {
  ObserverContext,
  ObserverDefinition,
  ObserverHandlers,
  ObserverPlugin,
} from "./core/contracts/observer.ts";
export type { Plugin, StorageDefinition, StoragePlugin } from "./core/contracts/plugin.ts";
export type { SecretCall, SecretProviderDefinition, SecretProviderPlugin } from "./core/contracts/secret-provider.ts";
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
  UnfinishedWrite,
  WriteOptions,
} from "./core/contracts/storage.ts";
export { isStorageError, StorageError } from "./core/contracts/storage.ts";
export type { ErrorCode, ExitStatus } from "./core/errors.ts";
export type { BackupEvent, CollectionOutcome, EventError, FinishedHook } from "./core/events.ts";
export type { Plan } from "./core/plan.ts";
export { formatBytes, formatCount, formatDuration, formatPlural } from "./core/quantities.ts";
export type { RunReport } from "./core/report.ts";
export { findDurationMs } from "./core/duration.ts";
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

/** Makes a hook plugin. The host validates the options with the schema before it calls. */
export function defineHook<Options>(definition: HookDefinition<Options>): HookPlugin {
  const { apiVersion, name, options, before, after } = definition;
  const given = (context: HookContext<unknown>) => context as HookContext<Options>; // the host passes what the schema gave out
  return {
    kind: "hook",
    apiVersion,
    name,
    options,
    ...(before && { before: (context) => before(given(context)) }),
    ...(after && { after: (context, outcome) => after(given(context), outcome) }),
  };
}

/** Makes an observer. It is told of every run of whoever names it in `plugins`. */
export function definePlugin<Options = Readonly<Record<string, never>>>(
  definition: ObserverDefinition<Options>,
): ObserverPlugin {
  const { apiVersion, name, options = z.strictObject({}), on } = definition;
  return { kind: "observer", apiVersion, name, options, on: on as ObserverHandlers<unknown> }; // as above
}

/** Makes a secret provider. The host validates the options with the schema before it asks, and masks the answer. */
export function defineSecretProvider<Options>(definition: SecretProviderDefinition<Options>): SecretProviderPlugin {
  return {
    kind: "secret-provider",
    apiVersion: definition.apiVersion,
    name: definition.name,
    options: definition.options,
    reveal: (options, call) => definition.reveal(options as Options, call), // the host passes what the schema gave out
  };
}
