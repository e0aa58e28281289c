import { createHash } from "node:crypto";
import type { Policy, Source, StorageSettings } from "../core/contracts/config.ts";
import { mapData } from "./map-data.ts";
import { isSecret } from "./secrets.ts";

export interface DigestInput {
  readonly policy: Omit<Policy, "digest" | "limits">;
  readonly source: Source;
  /** That of the source, then those of the targets. */
  readonly storages: readonly StorageSettings[];
}

/** sha256, hex. Limits and credentials may change between a plan and its run; what is backed up, where, and what runs around it, not. */
export function digestPolicy({ policy, source, storages }: DigestInput): string {
  const { name, targets, select, consistency, hooks } = policy;
  const { address, storage } = source;
  const content = {
    policy: { name, targets, select, consistency, ...(hooks.length > 0 && { hooks }) },
    source: { address, storage },
    storages: storages.map(({ type, prefix, options }) => ({ type, prefix, options })),
  };
  const withoutSecrets = mapData(content, (value) => (isSecret(value) ? "secret" : undefined));
  return createHash("sha256")
    .update(JSON.stringify(withSortedKeys(withoutSecrets)))
    .digest("hex");
}

function withSortedKeys(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(withSortedKeys);
  if (typeof data !== "object" || data === null) return data;
  const entries = Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, withSortedKeys(value)]));
}
