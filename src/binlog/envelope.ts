import type { Call } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { damagedLog, decodeAt, spanReader } from "./log-source.ts";
import type { LogSource, ReadSpan, Span } from "./log-source.ts";

/** What the first event of a V1 log says about all of it. */
interface LogDescriptor {
  readonly collectionId: bigint;
  readonly partitionId: bigint;
  readonly segmentId: bigint;
  /** Of delta logs -1 or 0. */
  readonly fieldId: bigint;
  /** Of delta logs not the time of any row. */
  readonly startTimestamp: bigint;
  readonly endTimestamp: bigint;
  /** schema.DataType of the payload; 20 (String) for delta logs. */
  readonly dataType: number;
  /** `original_size` (a string), `nullable`, `version`, `edek` …: values of any JSON type. */
  readonly extras: Readonly<Record<string, unknown>>;
}

/** A log whose head was read. Without a descriptor it is bare parquet (storage V2), several columns in one file. */
export interface OpenLog {
  readonly source: LogSource;
  readonly descriptor: LogDescriptor | undefined;
  readonly read: ReadSpan;
  /** Where its parquet files are: one for each event, almost always a single one. */
  payloads(): AsyncGenerator<Span>;
}

interface OpenLogOptions extends Call {
  readonly kind: "insert" | "delete";
  /** All of it will be decoded: fetch it at once. */
  readonly whole: boolean;
}

const MAGIC = 0x00ff_fabc;
const PARQUET_MAGIC = 0x3152_4150;
const EVENT_TYPE = { descriptor: 0, insert: 1, delete: 2 } as const;
const HEADER_BYTES = 17;
/** Ids, timestamps, data type, then one length byte for each of eight event types. */
const DESCRIPTOR_BYTES = HEADER_BYTES + 52 + 8 + 4;
const DATA_EVENT_BYTES = HEADER_BYTES + 16;

/** Reads the head of a log; of the rest only what is asked for later. */
export async function openLog(source: LogSource, options: OpenLogOptions): Promise<OpenLog> {
  const read = spanReader(source, options);
  if (source.bytes < 12) throw damagedLog(source, 0, `${source.bytes} bytes are no log`);
  const magic = viewOf(await read({ start: 0, end: 4 })).getUint32(0, true);
  if (magic === PARQUET_MAGIC) {
    return { source, descriptor: undefined, read, payloads: () => wholeFile(source) };
  }
  if (magic !== MAGIC) throw damagedLog(source, 0, "it starts neither like a binlog nor like parquet");
  const descriptorSpan = await eventAt({ source, read, offset: 4, kind: "descriptor" });
  const bytes = await read(descriptorSpan);
  const descriptor = decodeAt(source, 4, () => parseDescriptor(viewOf(bytes)));
  if ("edek" in descriptor.extras) throw encryptedLog(source);
  const payloads = (): AsyncGenerator<Span> => eventPayloads({ source, read, kind: options.kind }, descriptorSpan.end);
  return { source, descriptor, read, payloads };
}

function encryptedLog(source: LogSource): BackupError {
  return new BackupError(
    "failed",
    `Cannot read the log "${source.name}": it is encrypted with a key that only Milvus has`,
  );
}

async function* wholeFile(source: LogSource): AsyncGenerator<Span> {
  yield { start: 0, end: source.bytes };
}

interface EventReader {
  readonly source: LogSource;
  readonly read: ReadSpan;
  readonly kind: keyof typeof EVENT_TYPE;
}

async function* eventPayloads(reader: EventReader, first: number): AsyncGenerator<Span> {
  const { source } = reader;
  // A log cut off behind its descriptor would else read as one without rows, which Milvus never writes.
  if (first >= source.bytes) throw damagedLog(source, first, "it ends before its first data event");
  for (let offset = first; offset < source.bytes;) {
    const event = await eventAt({ ...reader, offset });
    yield { start: offset + DATA_EVENT_BYTES, end: event.end };
    offset = event.end;
  }
}

/** The span of the event at the offset, its length and type checked. Its nextPosition is 0 or -1 in some files. */
async function eventAt({ source, read, kind, offset }: EventReader & { readonly offset: number }): Promise<Span> {
  const minimum = kind === "descriptor" ? DESCRIPTOR_BYTES : DATA_EVENT_BYTES;
  if (offset + minimum > source.bytes) throw damagedLog(source, offset, "it ends within the head of an event");
  const header = viewOf(await read({ start: offset, end: offset + HEADER_BYTES }));
  const type = header.getInt8(8);
  if (type !== EVENT_TYPE[kind])
    throw damagedLog(source, offset, `the event has type ${type}, not ${EVENT_TYPE[kind]}`);
  const length = header.getInt32(9, true);
  const end = offset + length;
  if (length < minimum || end > source.bytes) {
    throw damagedLog(source, offset, `the event says it has ${length} bytes, ${source.bytes - offset} are left`);
  }
  return { start: offset, end };
}

function parseDescriptor(view: DataView): LogDescriptor {
  const int64 = (index: number): bigint => view.getBigInt64(HEADER_BYTES + index * 8, true);
  return {
    collectionId: int64(0),
    partitionId: int64(1),
    segmentId: int64(2),
    fieldId: int64(3),
    startTimestamp: BigInt.asUintN(64, int64(4)),
    endTimestamp: BigInt.asUintN(64, int64(5)),
    dataType: view.getInt32(HEADER_BYTES + 48, true),
    extras: parseExtras(view),
  };
}

function parseExtras(view: DataView): Readonly<Record<string, unknown>> {
  const length = view.getInt32(DESCRIPTOR_BYTES - 4, true);
  if (length < 0 || DESCRIPTOR_BYTES + length > view.byteLength) throw new Error(`its extras say ${length} bytes`);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + DESCRIPTOR_BYTES, length);
  const extras: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  if (typeof extras !== "object" || extras === null) throw new Error("its extras are no JSON object");
  return { ...extras };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
