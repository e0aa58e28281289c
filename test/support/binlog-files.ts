import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { CompressionCodec, SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { ColumnSource } from "hyparquet-writer";
import type { LogSource, Span } from "../../src/binlog/log-source.ts";

/** A log in memory that tells which spans were asked for, and gives them in chunks of a few bytes. */
export function memoryLog(bytes: Uint8Array, name = "log"): LogSource & { readonly spans: Span[] } {
  const spans: Span[] = [];
  return {
    name,
    bytes: bytes.length,
    spans,
    async *read({ start, end }) {
      spans.push({ start, end });
      const middle = start + Math.floor((end - start) / 3);
      yield bytes.subarray(start, middle);
      yield bytes.subarray(middle, end);
    },
  };
}

/** The logs of a directory in the order of their ids; none where there is no directory. */
export function logsIn(directory: string): readonly LogSource[] {
  if (!existsSync(directory)) return [];
  const ids = readdirSync(directory).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return ids.map((id) => fileLog(`${directory}/${id}`));
}

function fileLog(path: string): LogSource {
  return {
    name: path,
    bytes: statSync(path).size,
    async *read({ start, end }) {
      yield readFileSync(path).subarray(start, end);
    },
  };
}

export interface EnvelopeParts {
  readonly kind?: "insert" | "delete";
  readonly ids?: readonly [bigint, bigint, bigint, bigint];
  readonly timestamps?: readonly [bigint, bigint];
  readonly dataType?: number;
  readonly extras?: Readonly<Record<string, unknown>>;
  readonly payloads: readonly Uint8Array[];
}

/** A V1 log as Milvus writes it: magic, descriptor event, one data event for each payload. */
export function envelope(parts: EnvelopeParts): Uint8Array {
  const { kind = "insert", ids = [1n, 2n, 3n, 4n], timestamps = [5n, 6n], dataType = 5, extras = {}, payloads } = parts;
  const text = Buffer.from(JSON.stringify(extras));
  const fixed = Buffer.alloc(64);
  for (const [index, id] of ids.entries()) fixed.writeBigInt64LE(id, index * 8);
  for (const [index, timestamp] of timestamps.entries()) fixed.writeBigUInt64LE(timestamp, 32 + index * 8);
  fixed.writeInt32LE(dataType, 48);
  fixed.set([52, 16, 16, 16, 16, 16, 16, 16], 52);
  fixed.writeInt32LE(text.length, 60);
  const type = kind === "insert" ? 1 : 2;
  const events = payloads.map((payload) => event(type, Buffer.concat([Buffer.alloc(16), payload])));
  return Buffer.concat([Buffer.from([0xbc, 0xfa, 0xff, 0]), event(0, Buffer.concat([fixed, text])), ...events]);
}

function event(type: number, body: Uint8Array): Uint8Array {
  const header = Buffer.alloc(17);
  header.writeInt8(type, 8);
  header.writeInt32LE(17 + body.length, 9);
  header.writeInt32LE(-1, 13); // as files written as streams have it
  return Buffer.concat([header, body]);
}

export interface ParquetParts {
  readonly schema?: SchemaElement[];
  readonly codec?: CompressionCodec;
  readonly pageSize?: number;
  readonly rowGroupSize?: number;
}

/** A parquet file of these columns. */
export function parquet(columnData: ColumnSource[], parts: ParquetParts = {}): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, codec: "UNCOMPRESSED", ...parts }));
}

/** A parquet file of one INT64 column, as keys and timestamps have it. */
export function int64File(values: readonly bigint[], parts: ParquetParts = {}): Uint8Array {
  return parquet([{ name: "val", data: BigInt64Array.from(values), type: "INT64", nullable: false }], parts);
}

/** The log of a segment's timestamps, as small as one of so many rows can be. */
export function timestampLog(rows: number): Uint8Array {
  return envelope({ payloads: [int64File(Array.from({ length: rows }, (_, row) => BigInt(row)))] });
}

/** A parquet file of one column of text. */
export function textFile(values: readonly string[], parts: ParquetParts = {}): Uint8Array {
  return parquet([{ name: "val", data: [...values], type: "STRING", nullable: false }], parts);
}

/** All values of a stream of batches. */
export async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const values: T[] = [];
  for await (const batch of batches) values.push(...batch);
  return values;
}
