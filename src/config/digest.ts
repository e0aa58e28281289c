import { createHash } from "node:crypto";
import type { Policy } from "../core/contracts/policy.ts";
import type { Source } from "../core/contracts/source.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { Hook, HookCall } from "../core/contracts/hooks.ts";
import { replaceSecrets } from "./find-secrets.ts";

export interface DigestInput {
  readonly policy: Omit<Policy, "digest" | "limits" | "checks" | "schedule">;
  readonly source: Source;
  /** That of the source, then those of the targets. */
  readonly storages: readonly StorageSettings[];
}

/** sha256, hex. Limits, checks, schedule and credentials may change between a plan and its run; what is backed up, where, and what runs around it, not. */
export function digestPolicy({ policy, source, storages }: DigestInput): string {
  const { name, targets, select, consistency, gc } = policy;
  const { address, storage } = source;
  const hooks = policy.hooks.map(withoutSecrets);
  const content = {
    policy: { name, targets, select, consistency, ...(gc !== "off" && { gc }), ...(hooks.length > 0 && { hooks }) },
    source: { address, storage },
    storages: storages.map(({ type, prefix, options }) => ({ type, prefix, options: hideSecrets(options) })),
  };
  return createHash("sha256")
    .update(JSON.stringify(withSortedKeys(content)))
    .digest("hex");
}

function withoutSecrets(hook: Hook): unknown {
  const { before, after, finally: last } = hook;
  return { ...hook, before: hideInCall(before), after: hideInCall(after), finally: hideInCall(last) };
}

function hideInCall(call: HookCall | undefined): unknown {
  return call && { ...call, options: hideSecrets(call.options) };
}

function hideSecrets(options: unknown): unknown {
  return replaceSecrets(options, () => "secret");
}

function withSortedKeys(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withSortedKeys);
  if (typeof data !== "object" || data === null) return data;
  const entries = Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, withSortedKeys(value)]));
}
