import { parquetMetadata, parquetSchema } from "hyparquet";
import type { ColumnMetaData, CompressionCodec, FileMetaData, RowGroup, SchemaElement, SchemaTree } from "hyparquet";
import { damagedLog, decodeAt } from "./log-source.ts";
import type { LogSource, ReadSpan, Span } from "./log-source.ts";

/** The end of a parquet file within a log: what it says of its rows and where its columns are. */
export interface Footer {
  readonly rows: number;
  /** The column's chunks in the order of the rows; it throws when there is no such column. */
  chunksOf(column: ColumnPlace): ColumnChunks;
}

/** By position, or in a file of several fields (storage V2) by field id. */
export type ColumnPlace = number | { readonly fieldId: bigint };

export interface ColumnChunks {
  readonly root: SchemaTree;
  readonly leaf: SchemaTree;
  readonly chunks: readonly ColumnChunk[];
}

export interface ColumnChunk {
  readonly span: Span;
  readonly rows: number;
  readonly codec: CompressionCodec;
  readonly uncompressedBytes: number;
}

const PARQUET_MAGIC = 0x3152_4150;
/** Metadata length and magic, at the very end. */
const TAIL_BYTES = 8;
/** Enough for the footer of one column, whose statistics may hold two long strings. */
const FIRST_GUESS_BYTES = 64 * 1024;

/** Statistics are not wanted: text in them need not be decoded, nor be valid. */
const RAW = { stringFromBytes: (bytes: Uint8Array) => bytes, jsonFromBytes: (bytes: Uint8Array) => bytes };

export async function readFooter(source: LogSource, read: ReadSpan, file: Span): Promise<Footer> {
  const fileBytes = file.end - file.start;
  if (fileBytes < 4 + TAIL_BYTES) throw damagedLog(source, file.start, `${fileBytes} bytes are no parquet file`);
  let tail = await read({ start: Math.max(file.start, file.end - FIRST_GUESS_BYTES), end: file.end });
  const view = new DataView(tail.buffer, tail.byteOffset + tail.length - TAIL_BYTES, TAIL_BYTES);
  if (view.getUint32(4, true) !== PARQUET_MAGIC) throw damagedLog(source, file.end - 4, "the parquet file has no end");
  const footerBytes = view.getUint32(0, true) + TAIL_BYTES;
  const start = file.end - footerBytes;
  if (start < file.start + 4) throw damagedLog(source, file.end - TAIL_BYTES, "its footer is longer than its file");
  if (footerBytes > tail.length) tail = await read({ start, end: file.end });
  return decodeAt(source, start, () => toFooter(tail, { start: file.start, end: start }));
}

/** `data` is where column chunks can be. */
function toFooter(tail: Uint8Array, data: Span): Footer {
  const metadata = parquetMetadata(tail, { parsers: RAW, geoparquet: false });
  const rows = toCount(metadata.num_rows, "rows");
  const groupRows = metadata.row_groups.map((group) => toCount(group.num_rows, "rows"));
  const sum = groupRows.reduce((total, count) => total + count, 0);
  if (sum !== rows) throw new Error(`its footer says ${rows} rows, its row groups have ${sum}`);
  return { rows, chunksOf: (place) => columnChunks(metadata, place, data) };
}

function columnChunks(metadata: FileMetaData, place: ColumnPlace, data: Span): ColumnChunks {
  const root = parquetSchema(metadata);
  const leaf = typeof place === "number" ? root.children[place] : root.children.find(isField(place.fieldId));
  if (leaf === undefined) throw new Error(`it has no column ${typeof place === "number" ? place : place.fieldId}`);
  if (leaf.children.length > 0 || leaf.element.repetition_type === "REPEATED") {
    throw new Error(`its column "${leaf.element.name}" is nested`);
  }
  return { root, leaf, chunks: metadata.row_groups.map((group) => columnChunk(group, leaf.element, data)) };
}

/** Milvus writes the field id into the parquet schema; where it is missing, it is the column's name. */
function isField(fieldId: bigint): (child: SchemaTree) => boolean {
  return ({ element }) =>
    (element.field_id === undefined ? element.name : String(element.field_id)) === String(fieldId);
}

function columnChunk(group: RowGroup, element: SchemaElement, data: Span): ColumnChunk {
  const meta = group.columns.map((column) => column.meta_data).find(isNamed(element.name));
  if (meta === undefined) throw new Error(`a row group has no column "${element.name}"`);
  const rows = toCount(group.num_rows, "rows");
  if (toCount(meta.num_values, "values") !== rows) throw new Error("a row group and its column differ in rows");
  const start = data.start + toCount(meta.dictionary_page_offset ?? meta.data_page_offset, "bytes");
  const end = start + toCount(meta.total_compressed_size, "bytes");
  if (start < data.start || end > data.end) throw new Error("a column lies outside of its file");
  const uncompressedBytes = toCount(meta.total_uncompressed_size, "bytes");
  return { span: { start, end }, rows, codec: meta.codec, uncompressedBytes };
}

function isNamed(name: string): (meta: ColumnMetaData | undefined) => boolean {
  return (meta) => meta?.path_in_schema.length === 1 && meta.path_in_schema[0] === name;
}

/** Of a damaged footer anything can come, whatever the type says. */
function toCount(value: unknown, what: string): number {
  if (typeof value !== "bigint" || value < 0n || value > Number.MAX_SAFE_INTEGER) {
    throw new Error(`its footer says ${String(value)} ${what}`);
  }
  return Number(value);
}
