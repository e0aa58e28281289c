import type { BackupEntry } from "../catalog/entry.ts";
import { openBackup } from "../catalog/open-backup.ts";
import type { OpenBackup } from "../catalog/open-backup.ts";
import type { CollectionSummary, GetBackupOptions } from "../core/contracts/library.ts";
import type { RowsQuery } from "../engine/expected-rows.ts";
import { checkBackupName } from "../format/backup-name.ts";
import { findPart } from "../format/manifest.ts";
import type { Manifest } from "../format/manifest.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { segmentsOf } from "../format/segments.ts";
import type { Caller } from "./caller.ts";
import { findTarget } from "./find-target.ts";
import { openTarget } from "./open-places.ts";
import { createUnseal } from "./unseal.ts";
import { loadWorkspace } from "./workspace.ts";

/** What a backup is and holds. */
export interface BackupDetails {
  readonly entry: BackupEntry;
  /** The target's name. */
  readonly target: string;
  /** Those that are in it; none when it never became a backup, or cannot be read. */
  readonly collections: readonly CollectionSummary[];
}

/** What a backup is and holds, its collections in short. */
export function getBackup(options: GetBackupOptions, caller: Caller): Promise<BackupDetails> {
  return viewBackup(options, caller, async ({ entry, target, opened, summarize }) => {
    const collections: CollectionSummary[] = [];
    for await (const meta of opened?.collections ?? []) collections.push(await summarize(meta));
    return { entry, target, collections };
  });
}

/** A backup while its target is open. */
export interface BackupView {
  readonly entry: BackupEntry;
  /** The target's name. */
  readonly target: string;
  /** Absent when it never became a backup, or cannot be read: the entry says why. */
  readonly opened: OpenBackup | undefined;
  summarize(meta: CollectionMeta): Promise<CollectionSummary>;
}

/** Finds a backup and lets it be looked at. */
export async function viewBackup<T>(
  options: GetBackupOptions,
  caller: Caller,
  look: (view: BackupView) => Promise<T>,
): Promise<T> {
  const { backup, rows = false } = options;
  checkBackupName(backup);
  const { signal } = caller;
  const config = await loadWorkspace(caller, options);
  const { settings, entry } = await findTarget(config, backup, { choices: options, caller });
  await using target = await openTarget(config, settings, caller);
  const isBackup = entry.state === "complete" || entry.state === "partial";
  const storage = isBackup ? await createUnseal(config, options, caller)(target.storage, backup) : target.storage;
  const opened = isBackup ? { ...(await openBackup(storage, backup, { signal })), entry } : undefined;
  const counting = { storage, backup, signal, concurrency: config.limits.objects };
  const summarize: BackupView["summarize"] = async (collection) => ({
    ...toSummary(collection, opened?.manifest),
    ...(rows && (await countRows({ ...counting, collection }))),
  });
  return await look({ entry, target: target.name, opened, summarize });
}

async function countRows(query: RowsQuery): Promise<Pick<CollectionSummary, "rows" | "deleted" | "live">> {
  const { countExpectedRows, totalRows } = await import("../engine/expected-rows.ts");
  return totalRows(await countExpectedRows(query));
}

function toSummary(meta: CollectionMeta, manifest: Manifest | undefined): CollectionSummary {
  const segments = [...segmentsOf(meta)];
  const { db_name: database = "default", collection_name: name, index_infos = [], aliases = [] } = meta;
  const part = findPart(manifest, meta.collection_id.toString());
  return {
    database,
    name,
    rows: segments.reduce((sum, { num_of_rows = 0n }) => sum + Number(num_of_rows), 0),
    partitions: meta.partition_backups?.length ?? 0,
    ...(part && { partitionsAtSource: part.of }),
    segments: segments.length,
    bytes: Number(meta.size),
    indexes: index_infos.map(({ field_name: field = "", index_type: type = "" }) => ({ field, type })),
    aliases,
  };
}
