import { formatName } from "../core/collection-name.ts";
import { createAlias } from "../milvus/alter.ts";
import { describeCollection } from "../milvus/describe.ts";
import { isMilvusError } from "../milvus/errors.ts";
import type { RestoreJob, Restoring } from "./restore-job.ts";

/** Gives a restored collection its aliases; none is taken from another collection. Gives back those left out, and why. */
export async function restoreAliases(
  { source, run, choices }: RestoreJob,
  { meta, step, into }: Restoring,
): Promise<readonly string[]> {
  if (step.mode === "append") return [];
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
