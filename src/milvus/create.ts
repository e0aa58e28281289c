import { BackupError } from "../core/errors.ts";
import type { CollectionMeta, CollectionSchema, KeyValue } from "../format/meta.ts";
import { describeCollection } from "./describe.ts";
import { isMilvusError, MilvusError } from "./errors.ts";
import { orderFields, type FieldPlan } from "./field-order.ts";
import { createSchemaEncoder, type SchemaEncoder } from "./schema-to-wire.ts";
import type { MilvusSession } from "./session.ts";
import type { CollectionRef, MilvusCall } from "./types.ts";

export interface CreateRequest extends CollectionRef {
  /** Of the backup: schema, consistency level, partitions. Its names are not used. */
  readonly meta: CollectionMeta;
  readonly rawSchema?: Uint8Array | undefined;
  readonly shards: number;
  /** See planProperties. */
  readonly properties: readonly KeyValue[];
}

export async function createDatabase(
  milvus: MilvusSession,
  database: string,
  { properties = [], ...call }: MilvusCall & { readonly properties?: readonly KeyValue[] } = {},
): Promise<void> {
  await milvus.send("CreateDatabase", { properties }, { ...call, database });
}

/**
 * Creates an empty collection whose fields have the backup's ids, which is what import goes by. Where the server gave
 * others, the collection is dropped again and the restore refused.
 */
export async function createCollection(
  milvus: MilvusSession,
  create: CreateRequest,
  call: MilvusCall = {},
): Promise<void> {
  const { meta, rawSchema } = create;
  const plan = planOf(milvus, create);
  const schema = { ...meta.schema, properties: create.properties }; // not those that are to come later
  const encoder = createSchemaEncoder(milvus.service, { schema, rawSchema });
  const properties = withFunctionCheckOff(milvus, create);
  const { graceMs: _, ...atOnce } = call;
  await sendCreate(milvus, { create: { ...create, properties }, plan, encoder }, call);
  try {
    await addLaterFields(milvus, { create, plan, encoder }, atOnce);
    if (properties !== create.properties) await switchFunctionCheckOn(milvus, create, atOnce);
    await checkFieldIds(milvus, create, atOnce);
  } catch (error) {
    await dropCollection(milvus, create, { signal: AbortSignal.timeout(60_000) }); // also when the call was aborted
    throw error;
  }
}

export async function createPartition(
  milvus: MilvusSession,
  { database, collection, partition }: CollectionRef & { readonly partition: string },
  call: MilvusCall = {},
): Promise<void> {
  const request = { collection_name: collection, partition_name: partition };
  await milvus.send("CreatePartition", request, { ...call, database });
}

/** What is not there is dropped already. */
export async function dropCollection(milvus: MilvusSession, ref: CollectionRef, call: MilvusCall = {}): Promise<void> {
  await milvus.send("DropCollection", { collection_name: ref.collection }, { ...call, database: ref.database });
}

function planOf(milvus: MilvusSession, create: CreateRequest): FieldPlan {
  const order = orderFields(create.meta.schema);
  if (order.kind === "impossible") {
    const { field, wanted, given } = order;
    throw cannot(create, `field "${field}" had the id ${wanted} and would get ${given}`);
  }
  if (order.plan.later.length > 0 && !milvus.capabilities.addField) {
    throw cannot(create, `its fields that were added later need Milvus 2.6, and this is ${milvus.version.text}`);
  }
  return order.plan;
}

interface Creation {
  readonly create: CreateRequest;
  readonly plan: FieldPlan;
  readonly encoder: SchemaEncoder;
}

const GRACE_MS = 60_000;

/** Not called back at once when the run is stopped meanwhile: Milvus would make the collection all the same, and nobody drop it. */
async function sendCreate(
  milvus: MilvusSession,
  { create, plan, encoder }: Creation,
  { graceMs = GRACE_MS, ...call }: MilvusCall,
): Promise<void> {
  call.signal?.throwIfAborted();
  const { database, collection, meta, shards, properties } = create;
  const hasPartitionKey = meta.schema.fields.some(({ is_partition_key }) => is_partition_key);
  const request = {
    collection_name: collection,
    schema: encoder.encodeSchema(collection, plan),
    shards_num: shards,
    consistency_level: meta.consistency_level ?? 0,
    properties,
    num_partitions: String(hasPartitionKey ? (meta.partition_backups?.length ?? 0) : 0),
  };
  try {
    await milvus.send("CreateCollection", request, { ...call, graceMs, database });
  } catch (error) {
    throw isMilvusError(error, "unreachable", "timeout") ? maybeMade(create, error) : error;
  }
}

/** Not dropped: meanwhile somebody else may have made one of this name. */
function maybeMade({ database, collection }: CollectionRef, { kind, message, facts, cause }: MilvusError): MilvusError {
  return new MilvusError(kind, message, {
    cause,
    hint: `"${database}.${collection}" may have been made all the same: look for it in Milvus, and drop it`,
    facts,
  });
}

async function addLaterFields(
  milvus: MilvusSession,
  { create, plan, encoder }: Creation,
  call: MilvusCall,
): Promise<void> {
  const { database, collection } = create;
  for (const field of plan.later) {
    const request = { collection_name: collection, schema: encoder.encodeField(field) };
    await milvus.send("AddCollectionField", request, { ...call, database });
  }
}

const FUNCTION_CHECK_OFF = "disable_func_runtime_check";

/** Restored rows bring their functions' output, so no model endpoint has to answer for the creation. */
function withFunctionCheckOff(
  { capabilities }: MilvusSession,
  { meta, properties }: CreateRequest,
): readonly KeyValue[] {
  const isNeeded = capabilities.functionCheckOff && (meta.schema.functions ?? []).length > 0;
  const isOff = properties.some(({ key, value }) => key === FUNCTION_CHECK_OFF && value === "true");
  if (!isNeeded || isOff) return properties;
  return [...properties.filter(({ key }) => key !== FUNCTION_CHECK_OFF), { key: FUNCTION_CHECK_OFF, value: "true" }];
}

async function switchFunctionCheckOn(milvus: MilvusSession, create: CreateRequest, call: MilvusCall): Promise<void> {
  const request = { collection_name: create.collection, properties: [{ key: FUNCTION_CHECK_OFF, value: "false" }] };
  await milvus.send("AlterCollection", request, { ...call, database: create.database });
}

async function checkFieldIds(milvus: MilvusSession, create: CreateRequest, call: MilvusCall): Promise<void> {
  const created = await describeCollection(milvus, create, call);
  const given = idsByName(created.schema);
  for (const [name, wanted] of idsByName(create.meta.schema)) {
    const id = given.get(name);
    if (id !== wanted) throw cannot(create, `field "${name}" had the id ${wanted} and got ${id ?? "none"}`);
  }
}

/** Without the dynamic field, which servers do not show. */
function idsByName({ fields, struct_array_fields = [] }: CollectionSchema): ReadonlyMap<string, bigint> {
  const children = struct_array_fields.flatMap((struct) => [struct, ...struct.fields]);
  const shown = [...fields.filter(({ is_dynamic }) => is_dynamic !== true), ...children];
  return new Map(shown.map(({ name, fieldID }) => [name, fieldID]));
}

function cannot({ database, collection }: CollectionRef, why: string): BackupError {
  return new BackupError("refused", `Cannot create "${database}.${collection}" with the backup's field ids: ${why}`, {
    hint: "Milvus imports by field id, so the data would end in the wrong fields",
  });
}
