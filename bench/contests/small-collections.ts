import type { VectorCollection } from "../fill.ts";

/** 21 partitions of a few rows: what decides on Milvus 2.3 is the number of import tasks. */
export const SMALL: VectorCollection = {
  name: "bench_small",
  dim: 8,
  rows: Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`p${at}`, 10])),
};

export const THREE_SEGMENTS: VectorCollection = {
  name: "bench_three",
  dim: 8,
  rows: { _default: 3_000 },
  flushEvery: 1_000,
};
