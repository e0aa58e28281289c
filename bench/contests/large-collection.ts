import { flush, withClient } from "../../test/support/dataset-client.ts";
import type { VectorCollection } from "../fill.ts";

/** About 1 GB in 260 objects: the size that the Go tool's own figures are of. */
export const LARGE: VectorCollection = { name: "bench_large", dim: 256, rows: { _default: 1_000_000 } };

/** Seconds that Milvus takes to flush a collection that has nothing to flush: every backup waits for that first. */
export async function timeFlush(address: string): Promise<number> {
  const startedAt = performance.now();
  await withClient(address, "default", (client) => flush(client, LARGE.name));
  return (performance.now() - startedAt) / 1000;
}
