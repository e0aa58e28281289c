import { damagedMeta } from "./damaged.ts";
import type { CollectionMeta } from "./meta.ts";
import { segmentsOf } from "./segments.ts";

/** Longer than any name that Milvus takes. */
const MAX_NAME_LENGTH = 255;

/**
 * Throws a BackupError "damaged" for what no Milvus has and a restore would stumble over when it has begun already: names
 * that are no names, partitions and segments that are there twice.
 */
export function checkCollection(meta: CollectionMeta): void {
  const { collection_id, db_name = "default", collection_name, partition_backups = [], schema } = meta;
  const subject = `collection ${collection_id}`;
  const names = [
    ["the database name", db_name],
    ["the name", collection_name],
    ...partition_backups.map(({ partition_name }) => ["the partition", partition_name]),
    ...schema.fields.map(({ name }) => ["the field", name]),
  ] as const;
  for (const [what, name = ""] of names) {
    if (!isName(name)) throw damagedMeta(`${subject} has ${what} ${JSON.stringify(name.slice(0, 80))}`);
  }
  refuseTwice(
    subject,
    "partition",
    [...partition_backups].map(({ partition_id }) => partition_id),
  );
  refuseTwice(
    subject,
    "partition",
    [...partition_backups].map(({ partition_name }) => partition_name),
  );
  refuseTwice(
    subject,
    "segment",
    [...segmentsOf(meta)].map(({ segment_id }) => segment_id),
  );
}

/** What Milvus allows besides letters and digits is a setting of each server, so only what can be no part of a path is refused. */
function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length <= MAX_NAME_LENGTH && !/[/\\\p{Cc}]/u.test(name);
}

function refuseTwice(subject: string, what: string, ids: readonly (bigint | string)[]): void {
  const seen = new Set<bigint | string>();
  for (const id of ids) {
    if (seen.has(id)) throw damagedMeta(`${subject} has the ${what} ${id} twice`);
    seen.add(id);
  }
}
