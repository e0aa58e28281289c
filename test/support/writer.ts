import { setTimeout as delay } from "node:timers/promises";
import type { RowData } from "@zilliz/milvus2-sdk-node";
import { succeed, withClient } from "./dataset-client.ts";
import { keyOf, rowOf } from "./dataset-rows.ts";
import type { CollectionSpec } from "./dataset-spec.ts";

export interface Writer extends AsyncDisposable {
  /** Keys of the rows that Milvus has acknowledged so far. */
  acknowledged(): readonly string[];
}

const batchRows = 5;
const pauseMs = 50;

/** Inserts rows into a collection until it is disposed, as a live application would; their numbers begin at `from`. */
export function startWriter(address: string, spec: CollectionSpec, from: number): Writer {
  const stop = new AbortController();
  const keys: string[] = [];
  const write = withClient(address, spec.database, async (client) => {
    for (let first = from; !stop.signal.aborted; first += batchRows) {
      const batch = Array.from({ length: batchRows }, (_, at) => first + at);
      const data = batch.map((number) => rowOf(spec, number) as RowData);
      await succeed(client.insert({ collection_name: spec.name, data }));
      keys.push(...batch.map((number) => keyOf(spec.keys, number)));
      await delay(pauseMs); // the pace of the application
    }
  });
  write.catch(() => undefined); // told when it is disposed
  return {
    acknowledged: () => [...keys],
    [Symbol.asyncDispose]: () => {
      stop.abort();
      return write;
    },
  };
}
