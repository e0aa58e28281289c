import { BackupError } from "../core/errors.ts";
import type { Call } from "../core/contracts/storage.ts";

/** One insert or delta log, wherever it is kept. */
export interface LogSource {
  /** What errors call it: its key. */
  readonly name: string;
  readonly bytes: number;
  /** Exactly these bytes, in any chunks; it may be called more than once. */
  read(range: Span, call?: Call): AsyncIterable<Uint8Array>;
}

/** Bytes from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A part of a log, as it is fetched. */
export type ReadSpan = (span: Span) => Promise<Uint8Array>;

/** Logs up to this size are fetched at once, also when only their ends are asked for. */
const SMALL_LOG_BYTES = 256 * 1024;

/** Holds the descriptor and the head of the first event, which are read bit by bit. */
const HEAD_BYTES = 4 * 1024;

/**
 * Fetches parts of a log. With `whole`, or for a small log, there is one request, and the log stays in memory; else its
 * beginning does.
 */
export function spanReader(source: LogSource, options: Call & { readonly whole: boolean }): ReadSpan {
  const isWhole = options.whole || source.bytes <= SMALL_LOG_BYTES;
  const keptBytes = isWhole ? source.bytes : HEAD_BYTES;
  let kept: Promise<Uint8Array> | undefined;
  return async (span) => {
    if (span.end > keptBytes && !isWhole) return fetchSpan(source, span, options);
    kept ??= fetchSpan(source, { start: 0, end: keptBytes }, options);
    return (await kept).subarray(span.start, span.end);
  };
}

/** The error of a log that is not what Milvus wrote: `why` continues the sentence, or is the decoder's error. */
export function damagedLog(source: LogSource, offset: number, why: string | Error): BackupError {
  return new BackupError("damaged", `Cannot read the log "${source.name}" at byte ${offset}: ${reasonOf(why)}`, {
    facts: { log: source.name, offset },
    cause: why instanceof Error ? why : undefined,
  });
}

/** A TypeError or RangeError is a decoder that stumbled: its message is for us, as the cause. */
function reasonOf(why: string | Error): string {
  if (typeof why === "string") return why;
  return why.name === "Error" ? why.message : "its bytes do not decode";
}

/** Runs a decoder of untrusted bytes: whatever it throws means that the log is damaged there. */
export function decodeAt<T>(source: LogSource, offset: number, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw damagedLog(source, offset, error instanceof Error ? error : String(error));
  }
}

async function fetchSpan(source: LogSource, span: Span, { signal }: Call): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const bytes = new Uint8Array(span.end - span.start);
  let filled = 0;
  for await (const chunk of source.read(span, { signal })) {
    if (filled + chunk.length > bytes.length) throw damagedLog(source, span.end, "it is longer than its listed size");
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < bytes.length) throw damagedLog(source, span.start + filled, "it is shorter than its listed size");
  return bytes;
}
