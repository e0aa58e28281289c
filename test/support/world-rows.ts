import type { Storage } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { envelope, parquet, timestampLog } from "./binlog-files.ts";
import { PARTITIONS } from "./milvus-world.ts";
import { keysOf } from "./storage-content.ts";

/** Gives the world's segments rows that can be read: keys count from 0 in each segment, every price is 1.5. */
export async function writeRows(root: Storage): Promise<void> {
  for (const key of await keysOf(root, "files/insert_log/")) {
    const [, , collection = "", partition = "", , field] = key.split("/");
    const { rows } = PARTITIONS[Number(partition) - Number(collection) - 1] ?? { rows: 0 };
    if (field === "100") await root.write(key, bytesBody(timestampLog(rows)));
    if (field === "101") await root.write(key, bytesBody(priceLog(rows)));
  }
}

/** The log of the field price with so many rows. */
export function priceLog(rows: number, price = 1.5): Uint8Array {
  const prices = Array<number>(rows).fill(price);
  const file = parquet([{ name: "val", data: prices, type: "FLOAT", nullable: false }]);
  return envelope({ dataType: 10, payloads: [file] });
}
