import { BackupError } from "../core/errors.ts";
import { forEachConcurrent } from "../io/limit.ts";
import { createCollection, createPartition } from "../milvus/create.ts";
import { describeCollection } from "../milvus/describe.ts";
import { hasCollection, listPartitions } from "../milvus/inventory.ts";
import { planProperties } from "../milvus/properties.ts";
import type { CollectionRef } from "../milvus/types.ts";
import type { RestoreJob, Restoring } from "./restore-job.ts";

const REQUESTS_AT_ONCE = 8;

/** An empty collection like the one in the backup, with all its partitions. */
export async function makeCollection(job: RestoreJob, { step, meta, into }: Restoring): Promise<void> {
  const { source, rawSchemas, run, patience } = job;
  await checkStillFree(job, into);
  const request = {
    ...into,
    meta,
    rawSchema: rawSchemas.get(step.collectionId),
    shards: meta.shards_num ?? 1,
    properties: planProperties(meta).atCreation,
  };
  await createCollection(source.milvus, request, { signal: run.signal, graceMs: patience.graceMs });
}

/** The plan may be hours old, and Milvus says yes to creating a collection that is there and like the new one. */
async function checkStillFree({ source, run }: RestoreJob, into: CollectionRef): Promise<void> {
  if (!(await hasCollection(source.milvus, into, { signal: run.signal }))) return;
  throw new BackupError("refused", `${into.database}.${into.collection} has come into being since the restore began`, {
    hint: "give another name with --suffix or --rename, or say --on-conflict skip, replace or append",
  });
}

/** The partitions that the backup has and the collection does not yet. */
export async function makePartitions(job: RestoreJob, { meta, into }: Restoring): Promise<void> {
  const { source, run } = job;
  const call = { signal: run.signal };
  const there = new Set((await listPartitions(source.milvus, into, call)).map(({ name }) => name));
  const missing = (meta.partition_backups ?? [])
    .map(({ partition_name }) => partition_name)
    .filter((name) => !there.has(name));
  await forEachConcurrent(missing, { concurrency: REQUESTS_AT_ONCE, ...call }, (partition) =>
    createPartition(source.milvus, { ...into, partition }, call),
  );
}

/** Milvus imports by field id: appended rows would go into wrong fields, or none, if these were not the same. */
export async function checkSameFields(job: RestoreJob, { meta, into }: Restoring): Promise<void> {
  const { schema } = await describeCollection(job.source.milvus, into, { signal: job.run.signal });
  const shape = (fields: typeof schema.fields): readonly string[] =>
    fields.map(({ fieldID, name, data_type }) => `${fieldID} ${name} of type ${data_type}`).toSorted();
  const [wanted, found] = [shape(meta.schema.fields), shape(schema.fields)];
  const missing = wanted.filter((field) => !found.includes(field));
  const extra = found.filter((field) => !wanted.includes(field));
  if (missing.length + extra.length === 0) return;
  throw new BackupError(
    "refused",
    `Cannot append to ${into.database}.${into.collection}: its fields are not the backup's`,
    {
      hint: "restore it under another name with --suffix or --rename",
      facts: { missing, extra },
    },
  );
}
