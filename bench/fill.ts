import process from "node:process";
import { DataType } from "@zilliz/milvus2-sdk-node";
import { flush, succeed, withClient } from "../test/support/dataset-client.ts";

/** The collection that the speed lines are about: vectors of 256 floats, flushed as it grows. */
export interface FillOptions {
  readonly address: string;
  readonly name: string;
  readonly rows: number;
}

const DIMENSIONS = 256;
const BATCH_ROWS = 10_000;

/** Makes and fills the collection, unless it is there with these rows already. */
export async function fillVectors({ address, name, rows }: FillOptions): Promise<void> {
  await withClient(address, "default", async (client) => {
    const { value } = await succeed(client.hasCollection({ collection_name: name }));
    if (value === true) return;
    await succeed(
      client.createCollection({
        collection_name: name,
        fields: [
          { name: "id", data_type: DataType.Int64, is_primary_key: true },
          { name: "vector", data_type: DataType.FloatVector, dim: DIMENSIONS },
        ],
      }),
    );
    for (let first = 0; first < rows; first += BATCH_ROWS) {
      const data = Array.from({ length: Math.min(BATCH_ROWS, rows - first) }, (_, at) => rowOf(first + at));
      await succeed(client.insert({ collection_name: name, data }));
    }
    await flush(client, name);
  });
}

/** Noise, so that nothing compresses it; the same for each number. */
function rowOf(id: number): { readonly id: number; readonly vector: number[] } {
  let state = (id * 2_654_435_761) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { id, vector: Array.from({ length: DIMENSIONS }, next) };
}

const [address, name, rows] = process.argv.slice(2);
if (address !== undefined && name !== undefined) await fillVectors({ address, name, rows: Number(rows ?? 1_000_000) });
