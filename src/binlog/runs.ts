import type { Span } from "./log-source.ts";

/**
 * Walks parquet's mix of runs and bit-packed groups without writing any value out, and throws when a run is longer
 * than the values that can be left, or ends behind the span. `count` is an upper bound: nulls have no value.
 */
export function checkRuns(
  view: DataView,
  { start, end }: Span,
  { width, count }: { width: number; count: number },
): void {
  if (width > 32) throw new Error(`a page has values of ${width} bits`);
  let left = count;
  let offset = start;
  while (left > 0 && offset < end) {
    const header = readVarint(view, offset);
    const isPacked = header.value % 2 === 1;
    const run = Math.floor(header.value / 2);
    const values = isPacked ? run * 8 : run;
    // The last group of eight may be padded.
    if (values > left + (isPacked ? 7 : 0)) throw new Error(`a page has a run of ${values} values, ${left} are left`);
    offset = header.end + (isPacked ? run * width : Math.ceil(width / 8));
    if (offset > end) throw new Error("a page ends within a run");
    left -= values;
  }
}

function readVarint(view: DataView, start: number): { value: number; end: number } {
  let value = 0;
  for (let offset = start; offset < start + 5; offset++) {
    const byte = view.getUint8(offset);
    value += (byte & 0x7f) * 2 ** (7 * (offset - start));
    if (byte < 0x80) return { value, end: offset + 1 };
  }
  throw new Error("a page has a run of a length beyond 32 bits");
}
