import { Buffer } from "node:buffer";
import type { CollectionName } from "../core/collection-name.ts";
import type { StoredCapture } from "../format/capture-file.ts";
import type { Capture } from "./capture-collection.ts";

export interface Captured extends Capture {
  /** ISO 8601, UTC. */
  readonly capturedAt: string;
}

/** A capture as a run keeps it for its resumption. */
export function toStored({ rawSchema, flushedAt, ...capture }: Captured, collection: CollectionName): StoredCapture {
  return {
    ...capture,
    collection,
    schema: Buffer.from(rawSchema).toString("base64"),
    flushedAt: flushedAt.toString(),
  };
}

export function fromStored({ schema, flushedAt, ...capture }: StoredCapture): Captured {
  return { ...capture, rawSchema: Buffer.from(schema, "base64"), flushedAt: BigInt(flushedAt) };
}
