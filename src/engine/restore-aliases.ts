import { formatName } from "../core/collection-name.ts";
import { BackupError } from "../core/errors.ts";
import { createAlias } from "../milvus/alter.ts";
import { describeCollection } from "../milvus/describe.ts";
import { isMilvusError } from "../milvus/errors.ts";
import type { CollectionRef } from "../milvus/types.ts";
import type { RestoreJob, Restoring } from "./restore-job.ts";

/** Gives a restored collection its aliases; none is taken from another collection. Gives back those left out, and why. */
export async function restoreAliases(job: RestoreJob, { meta, step, into }: Restoring): Promise<readonly string[]> {
  const { source, run, choices } = job;
  if (step.mode === "append") return [];
  const aliases = meta.aliases ?? [];
  const isRenamed = formatName(step.from) !== formatName(step.to);
  if (choices.aliases === "none" || (isRenamed && choices.aliases === "kept")) {
    return aliases.map((alias) => `alias ${alias} is not restored: --aliases ${choices.aliases}`);
  }
  const { aliases: own } = await describeCollection(source.milvus, into, { signal: run.signal });
  const taken: string[] = [];
  for (const alias of aliases.filter((name) => !own.includes(name))) {
    try {
      await createAlias(source.milvus, { ...into, alias }, { signal: run.signal });
    } catch (error) {
      if (!isMilvusError(error, "exists")) throw error;
      taken.push(alias);
    }
  }
  const given = aliases.filter((alias) => !taken.includes(alias));
  if (given.length > 0) await checkAliases(job, into, given);
  return taken.map((alias) => `alias ${alias} is not restored: it is taken`);
}

async function checkAliases({ source, run }: RestoreJob, into: CollectionRef, given: readonly string[]): Promise<void> {
  const { aliases } = await describeCollection(source.milvus, into, { signal: run.signal });
  const lost = given.filter((alias) => !aliases.includes(alias));
  if (lost.length === 0) return;
  const name = `${into.database}.${into.collection}`;
  throw new BackupError("damaged", `${name} is restored, but Milvus does not know its aliases ${lost.join(", ")}`, {
    hint: "create them again",
  });
}
