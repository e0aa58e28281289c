import type { Call } from "../core/contracts/storage.ts";
import { loadDecompressor } from "./codec.ts";
import { openLog } from "./envelope.ts";
import type { OpenLog } from "./envelope.ts";
import { readFooter } from "./footer.ts";
import type { ColumnChunk, ColumnChunks, ColumnPlace } from "./footer.ts";
import { decodeAt } from "./log-source.ts";
import type { LogSource, Span } from "./log-source.ts";
import { createPageReader } from "./page.ts";
import type { Decoder } from "./values.ts";

/** Which column of a log, and of what type. */
interface Column<T> {
  readonly place: ColumnPlace;
  readonly decoder: Decoder<T>;
}

/** A field of a schema: its id, which storage V2 finds its column by, and how its values are decoded. */
export interface Field<T> {
  readonly id: bigint;
  readonly decoder: Decoder<T>;
}

/** The rows of an insert log, by the footers of its parquet files: nothing is decoded. */
export async function countRows(source: LogSource, call: Call = {}): Promise<number> {
  const log = await openLog(source, { ...call, kind: "insert", whole: false });
  let rows = 0;
  for await (const file of log.payloads()) rows += (await readFooter(source, log.read, file)).rows;
  return rows;
}

/**
 * One field of an insert log, a batch for each parquet page. The log is in memory as it is stored; of what it unpacks
 * to, there is one page at a time.
 */
export async function* readField<T>(
  source: LogSource,
  field: Field<T>,
  call: Call = {},
): AsyncGenerator<readonly (T | null)[]> {
  const log = await openLog(source, { ...call, kind: "insert", whole: true });
  const place = log.descriptor === undefined ? { fieldId: field.id } : 0;
  yield* readColumn(log, { place, decoder: field.decoder });
}

/** One column of an open log. */
export async function* readColumn<T>(log: OpenLog, column: Column<T>): AsyncGenerator<readonly (T | null)[]> {
  for await (const file of log.payloads()) {
    const footer = await readFooter(log.source, log.read, file);
    const chunks = decodeAt(log.source, file.start, () => footer.chunksOf(column.place));
    for (const chunk of chunks.chunks) yield* readChunk(log, { file, chunk, chunks, decoder: column.decoder });
  }
}

interface ChunkOfColumn<T> {
  readonly file: Span;
  readonly chunk: ColumnChunk;
  readonly chunks: ColumnChunks;
  readonly decoder: Decoder<T>;
}

async function* readChunk<T>(log: OpenLog, part: ChunkOfColumn<T>): AsyncGenerator<readonly (T | null)[]> {
  const { chunk, chunks: column, decoder } = part;
  const bytes = await log.read(chunk.span);
  const decompress = await loadDecompressor(chunk.codec);
  const pages = decodeAt(log.source, chunk.span.start, () =>
    createPageReader({ bytes, chunk, column, decompress, decoder }),
  );
  while (!pages.isDone) {
    const values = decodeAt(log.source, chunk.span.start + pages.offset, () => pages.next());
    if (values.length > 0) yield values;
  }
}
