import { BackupError, isBackupError } from "../core/errors.ts";
import { compareStructure, formatStructureDifference } from "../format/compare-structure.ts";
import type { Unknown } from "../format/compare-structure.ts";
import type { CollectionMeta } from "../format/meta.ts";
import { captureCollection } from "../milvus/capture.ts";
import type { Capabilities } from "../milvus/capabilities.ts";
import { restorableProperties } from "../milvus/properties.ts";
import type { CollectionRef } from "../milvus/types.ts";
import { DIFFERENCE_HINT } from "./compare-rows.ts";
import { askedIndexes } from "./restore-surroundings.ts";
import type { RestoreJob, Restoring } from "./restore-job.ts";

/**
 * Compares the collection as Milvus now describes it with what was asked of it: a BackupError "damaged" when it is
 * another, otherwise what the server did its own way. Aliases come later, and are compared then.
 */
export async function checkStructure(
  { source, run, choices }: RestoreJob,
  { step, meta, into }: Restoring,
): Promise<readonly string[]> {
  if (step.mode === "append") return [];
  const { capabilities } = source.milvus;
  const { meta: found } = await captureCollection(source.milvus, into, { signal: run.signal });
  const differences = compareStructure(askedFor(meta, choices), found, unknownTo(capabilities));
  const notes = differences.filter(({ isServers }) => isServers).map(formatStructureDifference);
  const wrong = differences.filter(({ isServers }) => !isServers).map(formatStructureDifference);
  if (wrong.length > 0) throw structureDiffers(into, { wrong, notes });
  return notes;
}

/** The meta with what the restore was told to make of it. */
function askedFor(meta: CollectionMeta, choices: RestoreJob["choices"]): CollectionMeta {
  const properties = restorableProperties(meta.schema.properties ?? [], meta.properties ?? []);
  return { ...meta, schema: { ...meta.schema, properties }, index_infos: askedIndexes(meta, choices) };
}

function unknownTo({ defaultValues, functions }: Capabilities): readonly Unknown[] {
  const values: readonly Unknown[] = defaultValues ? [] : ["default value"];
  return functions ? values : [...values, "function", "function output"];
}

/** The others are told as notes of the collection: none is left out. */
const IN_MESSAGE = 5;

function structureDiffers(
  { database, collection }: CollectionRef,
  { wrong, notes }: { readonly wrong: readonly string[]; readonly notes: readonly string[] },
): BackupError {
  const [shown, others] = [wrong.slice(0, IN_MESSAGE), wrong.slice(IN_MESSAGE)];
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return new BackupError(
    "damaged",
    `The rows of ${database}.${collection} are right, but it is not the collection of the backup: ${shown.join(", ")}${more}`,
    { hint: DIFFERENCE_HINT, facts: { furtherDifferences: [...others, ...notes] } },
  );
}

/** What the message of such an error has no room for; it may be the cause of one that tells what else went wrong. */
export function furtherDifferencesOf(error: unknown): readonly string[] {
  if (!isBackupError(error)) return [];
  const further = error.facts["furtherDifferences"];
  return Array.isArray(further) ? further.map(String) : furtherDifferencesOf(error.cause);
}
