import type { DataReader, DecodedArray, PageHeader } from "hyparquet";
import { parquetHeader, readPage } from "hyparquet/src/column.js";
import type { Decompress } from "./codec.ts";
import type { ColumnChunk, ColumnChunks } from "./footer.ts";
import { checkRuns } from "./runs.ts";
import type { Decoder } from "./values.ts";

interface PageReader<T> {
  /** Of the next page, within the chunk. */
  readonly offset: number;
  readonly isDone: boolean;
  /** The values of the next page; none for a dictionary. Throws when the page is damaged. */
  next(): readonly (T | null)[];
}

interface PageReaderOptions<T> {
  /** The bytes of the chunk. */
  readonly bytes: Uint8Array;
  readonly chunk: ColumnChunk;
  readonly column: ColumnChunks;
  readonly decompress: Decompress;
  readonly decoder: Decoder<T>;
}

type ColumnDecoder = Parameters<typeof readPage>[2];

/** Writers end a page near 1 MiB, but a page holds at least the values of one batch, which may be large vectors. */
const MAX_PAGE_BYTES = 1024 ** 3;

/**
 * Reads a column chunk page by page. hyparquet decodes the pages, but believes what their headers say: sizes, counts
 * and run lengths are checked before it does, so that a damaged page cannot make it allocate or loop without bound.
 */
export function createPageReader<T>(options: PageReaderOptions<T>): PageReader<T> {
  const { bytes, chunk, column, decompress, decoder } = options;
  const layout = layoutOf(column, decoder);
  const isOptional = layout.element.repetition_type !== "REQUIRED";
  const reader: DataReader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  let rowsLeft = chunk.rows;
  let dictionary: DecodedArray | undefined;
  return {
    get offset() {
      return reader.offset;
    },
    get isDone() {
      return rowsLeft === 0;
    },
    next() {
      const page = nextPage(reader, chunk, decompress);
      if (page.header.type === "DICTIONARY_PAGE") {
        dictionary = decodePage(page, layout);
        return [];
      }
      checkLevels(page, { isOptional, isBoolean: layout.type === "BOOLEAN" });
      const values: ArrayLike<unknown> = decodePage(page, layout, dictionary);
      if (values.length !== page.rows || page.rows > rowsLeft) throw new Error(`a page has ${values.length} rows`);
      rowsLeft -= page.rows;
      return Array.from(values, (value) => (value === null && isOptional ? null : decoder.decode(value)));
    },
  };
}

interface Page {
  /** As if the page were not compressed. */
  readonly header: PageHeader;
  readonly content: Uint8Array;
  readonly rows: number;
  readonly encoding: string;
  /** Bytes of definition levels in front of the values: known for V2 pages, for V1 within the content. */
  readonly levelBytes: number | undefined;
}

function nextPage(reader: DataReader, chunk: ColumnChunk, decompress: Decompress): Page {
  const header = parquetHeader(reader);
  const { compressed_page_size: size, uncompressed_page_size: fullSize } = header;
  const { view, offset } = reader;
  if (!(size >= 0) || offset + size > view.byteLength) throw new Error(`a page says it has ${size} bytes`);
  if (!(fullSize >= 0) || fullSize > Math.min(chunk.uncompressedBytes, MAX_PAGE_BYTES)) {
    throw new Error(`a page says it unpacks to ${fullSize} bytes`);
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, size);
  reader.offset += size;
  if (header.data_page_header_v2 !== undefined) return unpackV2({ header, bytes, decompress, chunk });
  const content = decompress(bytes, fullSize);
  if (content.length !== fullSize) throw new Error(`a page unpacks to ${content.length} bytes, not ${fullSize}`);
  const { num_values: rows, encoding } = header.data_page_header ??
    header.dictionary_page_header ?? { num_values: -1, encoding: "PLAIN" };
  checkRows(rows, chunk);
  return {
    header: { ...header, compressed_page_size: content.length },
    content,
    rows,
    encoding,
    levelBytes: undefined,
  };
}

interface PackedPage {
  readonly header: PageHeader;
  readonly bytes: Uint8Array;
  readonly decompress: Decompress;
  readonly chunk: ColumnChunk;
}

/** V2 pages keep their levels outside of the compression. */
function unpackV2({ header, bytes, decompress, chunk }: PackedPage): Page {
  const v2 = header.data_page_header_v2;
  if (v2 === undefined) throw new Error("a page has no header");
  const levelBytes = v2.definition_levels_byte_length;
  const valueBytes = header.uncompressed_page_size - levelBytes;
  if (v2.repetition_levels_byte_length !== 0 || !(levelBytes >= 0) || levelBytes > bytes.length || valueBytes < 0) {
    throw new Error(`a page says it has ${levelBytes} bytes of levels`);
  }
  checkRows(v2.num_values, chunk);
  if (!(v2.num_nulls >= 0) || v2.num_nulls > v2.num_values) throw new Error(`a page says it has ${v2.num_nulls} nulls`);
  const values =
    v2.is_compressed === false ? bytes.subarray(levelBytes) : decompress(bytes.subarray(levelBytes), valueBytes);
  const content = new Uint8Array(levelBytes + values.length);
  content.set(bytes.subarray(0, levelBytes));
  content.set(values, levelBytes);
  return {
    header: { ...header, compressed_page_size: content.length, data_page_header_v2: { ...v2, is_compressed: false } },
    content,
    rows: v2.num_values,
    encoding: v2.encoding,
    levelBytes,
  };
}

/** Also of a dictionary, which has no more entries than its chunk has values. */
function checkRows(rows: number, chunk: ColumnChunk): void {
  if (!(rows >= 0) || rows > chunk.rows) throw new Error(`a page says it has ${rows} of ${chunk.rows} values`);
}

/** Checks the run lengths of definition levels, dictionary indices and booleans: hyparquet would write them all out. */
function checkLevels(page: Page, { isOptional, isBoolean }: { isOptional: boolean; isBoolean: boolean }): void {
  const { content, rows, encoding } = page;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  let offset = page.levelBytes ?? 0;
  if (isOptional) {
    const [start, end] = page.levelBytes === undefined ? [4, 4 + view.getUint32(0, true)] : [0, page.levelBytes];
    checkRuns(view, { start, end: Math.min(end, view.byteLength) }, { width: 1, count: rows });
    offset = end;
  }
  if (isBoolean && encoding === "RLE") {
    checkRuns(view, { start: offset + 4, end: view.byteLength }, { width: 1, count: rows });
  } else if (encoding.endsWith("_DICTIONARY") && rows > 0) {
    const width = view.getUint8(offset);
    checkRuns(view, { start: offset + 1, end: view.byteLength }, { width, count: rows });
  }
}

function decodePage(page: Page, layout: ColumnDecoder, dictionary?: DecodedArray): DecodedArray {
  const { content, header } = page;
  const reader = { view: new DataView(content.buffer, content.byteOffset, content.byteLength), offset: 0 };
  const { data } = readPage(reader, header, layout, dictionary, undefined, 0);
  return data ?? [];
}

/** Physical types only: their annotations, which differ by writer, would make strings and dates of them. */
function layoutOf<T>({ root, leaf }: ColumnChunks, decoder: Decoder<T>): ColumnDecoder {
  const { type } = leaf.element;
  if (type === undefined || !decoder.physical.includes(type)) {
    throw new Error(`its column is ${type}, not ${decoder.physical.join(" or ")}`);
  }
  const { converted_type: _, logical_type: __, ...element } = leaf.element;
  return {
    pathInSchema: leaf.path,
    type,
    element,
    // Go's writer calls the root repeated, which hyparquet would take for a level of the column.
    schemaPath: [
      { ...root, element: { name: root.element.name } },
      { ...leaf, element },
    ],
    codec: "UNCOMPRESSED",
    parsers: NO_PARSERS,
    utf8: false,
  };
}

const refuse = (): never => {
  throw new Error("a value has a type that Milvus does not write");
};
const NO_PARSERS: ColumnDecoder["parsers"] = {
  timestampFromMilliseconds: refuse,
  timestampFromMicroseconds: refuse,
  timestampFromNanoseconds: refuse,
  dateFromDays: refuse,
  stringFromBytes: refuse,
  jsonFromBytes: refuse,
  geometryFromBytes: refuse,
  geographyFromBytes: refuse,
  uuidFromBytes: refuse,
};
