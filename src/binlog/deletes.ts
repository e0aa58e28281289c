import type { Call } from "../core/contracts/storage.ts";
import { readColumn } from "./column.ts";
import { openLog } from "./envelope.ts";
import type { OpenLog } from "./envelope.ts";
import { alignColumns } from "./fields.ts";
import { damagedLog } from "./log-source.ts";
import type { LogSource } from "./log-source.ts";
import { int64, keyDecoderOf, text } from "./values.ts";
import type { PrimaryKey } from "./values.ts";

/** One entry of a delta log: from this time on, older rows with this key are gone. */
export interface Deletion {
  readonly key: PrimaryKey;
  /** Milvus's hybrid time: milliseconds << 18 | logical. */
  readonly timestamp: bigint;
}

/** For each deleted key the time of its last deletion. */
export type DeletedKeys = ReadonlyMap<PrimaryKey, bigint>;

/** What is read of delta logs: the primary key's schema.DataType, 5 (Int64) or 21 (VarChar). */
export interface DeltaOptions extends Call {
  readonly keyType: number;
}

/** The deletions of several delta logs as one map, the only thing here that grows with its input: one entry a key. */
export async function readDeletedKeys(deltas: readonly LogSource[], options: DeltaOptions): Promise<DeletedKeys> {
  const deleted = new Map<PrimaryKey, bigint>();
  for (const delta of deltas) {
    for await (const batch of readDeletions(delta, options)) addDeletions(deleted, batch);
  }
  return deleted;
}

function addDeletions(deleted: Map<PrimaryKey, bigint>, batch: readonly Deletion[]): void {
  for (const { key, timestamp } of batch) {
    const known = deleted.get(key);
    if (known === undefined || known < timestamp) deleted.set(key, timestamp);
  }
}

/** The entries of one delta log, whichever of its four formats it has, in batches. */
export async function* readDeletions(source: LogSource, options: DeltaOptions): AsyncGenerator<readonly Deletion[]> {
  const log = await openLog(source, { ...options, kind: "delete", whole: true });
  const isText = log.descriptor !== undefined && log.descriptor.extras["version"] !== "MULTI_FIELD";
  yield* isText ? readTextEntries(log, options.keyType) : readTwoColumns(log, options.keyType);
}

async function* readTextEntries(log: OpenLog, keyType: number): AsyncGenerator<readonly Deletion[]> {
  const decode = (value: unknown): Deletion => parseDeletion(text.decode(value), keyType);
  const column = readColumn(log, { place: 0, decoder: { physical: text.physical, decode } });
  for await (const deletions of column) yield deletions.filter((deletion) => deletion !== null);
}

async function* readTwoColumns(log: OpenLog, keyType: number): AsyncGenerator<readonly Deletion[]> {
  const keys = readColumn<PrimaryKey>(log, { place: 0, decoder: keyDecoderOf(keyType) });
  const timestamps = readColumn<PrimaryKey>(log, { place: 1, decoder: int64 });
  const columns = [keys, timestamps].map((batches) => ({ source: log.source, batches }));
  for await (const [keyBatch = [], timestampBatch = []] of alignColumns(columns)) {
    yield keyBatch.map((key, row) => {
      const timestamp = timestampBatch[row];
      if (key === null || typeof timestamp !== "bigint")
        throw damagedLog(log.source, 0, "a deletion has no key or time");
      return { key, timestamp };
    });
  }
}

/** As Milvus writes it: the fields in this order, without spaces. */
const USUAL_ENTRY = /^\{"pk":(-?\d+|"[^"\\]*"),"ts":(\d+),"pkType":(\d+)\}$/;
/** Milvus 2.0 had integer keys only. */
const LEGACY_ENTRY = /^(-?\d+),(\d+)$/;

/** `{"pk":12,"ts":449…,"pkType":5}`, or `12,449…` of Milvus 2.0. */
export function parseDeletion(entry: string, keyType: number): Deletion {
  const legacy = LEGACY_ENTRY.exec(entry);
  const [pk, ts, pkType] = legacy === null ? parseJson(entry) : [legacy[1], legacy[2], "5"];
  if (pk === undefined || ts === undefined) throw new Error(`the deletion ${entry} has no key or time`);
  if (pkType !== String(keyType)) throw new Error(`the deletion ${entry} has a key of type ${pkType}, not ${keyType}`);
  return { key: keyType === 5 ? BigInt(pk) : pk, timestamp: BigInt(ts) };
}

/** Key, time and type of the key, as text. */
function parseJson(entry: string): readonly (string | undefined)[] {
  const usual = USUAL_ENTRY.exec(entry);
  if (usual === null) return parseAnyJson(entry);
  const [, pk = "", ts, pkType] = usual;
  return [pk.startsWith('"') ? pk.slice(1, -1) : pk, ts, pkType];
}

/** Integers go beyond what JSON.parse keeps: they are made strings first, which the key's type then tells apart. */
function parseAnyJson(entry: string): readonly (string | undefined)[] {
  const quoted = entry.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|-?\d+/g, (token, quotedText) => quotedText ?? `"${token}"`);
  const parsed: unknown = JSON.parse(quoted);
  if (typeof parsed !== "object" || parsed === null) throw new Error(`the deletion ${entry} is no object`);
  const fields = new Map<string, unknown>(Object.entries(parsed));
  return ["pk", "ts", "pkType"].map((name) => {
    const value = fields.get(name);
    return typeof value === "string" ? value : undefined;
  });
}
