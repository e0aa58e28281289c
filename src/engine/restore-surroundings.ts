import { formatName } from "../core/collection-name.ts";
import type { IndexMeta } from "../format/meta.ts";
import { alterProperties, createAlias } from "../milvus/alter.ts";
import { describeCollection } from "../milvus/describe.ts";
import { isMilvusError } from "../milvus/errors.ts";
import { createIndex } from "../milvus/indexes.ts";
import { loadCollection } from "../milvus/load.ts";
import { planProperties } from "../milvus/properties.ts";
import type { RestoreJob, Restoring } from "./restore-job.ts";

/** Indexes, time to live, load state and aliases, once the rows are right. Gives back what was not brought back, and why. */
export async function restoreSurroundings(job: RestoreJob, restoring: Restoring): Promise<readonly string[]> {
  if (restoring.step.mode === "append")
    return ["appended: its own indexes, properties, aliases and load state are left as they are"];
  const indexNotes = await restoreIndexes(job, restoring);
  await restoreTimeToLive(job, restoring);
  const loadNotes = await restoreLoadState(job, restoring);
  const aliasNotes = await restoreAliases(job, restoring);
  return [...indexNotes, ...loadNotes, ...aliasNotes];
}

async function restoreIndexes(
  { source, run, choices }: RestoreJob,
  { meta, into }: Restoring,
): Promise<readonly string[]> {
  const indexes = meta.index_infos ?? [];
  if (choices.index === "none")
    return indexes.length === 0 ? [] : [`${indexes.length} indexes are not restored: --index none`];
  for (const index of indexes) {
    const params = choices.index === "auto" ? automatic(index) : (index.params ?? {});
    const request = { fieldName: index.field_name ?? "", indexName: index.index_name ?? "", params };
    await createIndex(source.milvus, { ...into, index: request }, { signal: run.signal });
  }
  return [];
}

function automatic({ params = {} }: IndexMeta): Readonly<Record<string, string>> {
  const { metric_type } = params;
  return { index_type: "AUTOINDEX", ...(metric_type !== undefined && { metric_type }) };
}

/** Only now: rows that are older than their time to live would have been missing from the comparison. */
async function restoreTimeToLive({ source, run }: RestoreJob, { meta, into }: Restoring): Promise<void> {
  const { afterComparison: properties } = planProperties(meta);
  if (properties.length > 0) await alterProperties(source.milvus, { ...into, properties }, { signal: run.signal });
}

const LOAD_DEADLINE_MS = 30 * 60_000;

async function restoreLoadState(
  { source, run, choices }: RestoreJob,
  { meta, into }: Restoring,
): Promise<readonly string[]> {
  const partitions = meta.partition_backups ?? [];
  const loaded = partitions
    .filter(({ load_state }) => load_state === "Loaded")
    .map(({ partition_name }) => partition_name);
  if (meta.load_state !== "Loaded" && loaded.length === 0) return [];
  if (!choices.load) return ["it was loaded, and is not loaded now: --load"];
  if (choices.index === "none") return ["it was loaded, and cannot be loaded without an index: --index none"];
  const whole = meta.load_state === "Loaded" || loaded.length === partitions.length;
  const call = { signal: run.signal, deadline: source.milvus.clock.now() + LOAD_DEADLINE_MS };
  await loadCollection(source.milvus, whole ? into : { ...into, partitions: loaded }, call);
  return [];
}

/** An alias is never taken from the collection that has it. */
async function restoreAliases(
  { source, run, choices }: RestoreJob,
  { meta, step, into }: Restoring,
): Promise<readonly string[]> {
  const aliases = meta.aliases ?? [];
  const isRenamed = formatName(step.from) !== formatName(step.to);
  if (choices.aliases === "none" || (isRenamed && choices.aliases === "kept")) {
    return aliases.map((alias) => `alias ${alias} is not restored: --aliases ${choices.aliases}`);
  }
  const { aliases: own } = await describeCollection(source.milvus, into, { signal: run.signal });
  const notes: string[] = [];
  for (const alias of aliases.filter((name) => !own.includes(name))) {
    try {
      await createAlias(source.milvus, { ...into, alias }, { signal: run.signal });
    } catch (error) {
      if (!isMilvusError(error, "exists")) throw error;
      notes.push(`alias ${alias} is not restored: it is taken`);
    }
  }
  return notes;
}
