/** Protobuf bytes, field by field: what must come through unchanged is cut out and put in, never decoded and encoded. */
import protobuf from "protobufjs/minimal.js";

const LENGTH_DELIMITED = 2;

/** The contents of every occurrence of a length-delimited field (message, string, bytes), in order. */
export function bytesFields(message: Uint8Array, field: number): readonly Uint8Array[] {
  const reader = protobuf.Reader.create(message);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tagOf(field)) found.push(reader.bytes());
    else reader.skipType(tag & 7);
  }
  return found;
}

/** The last occurrence, which is what counts for a field that is not repeated; undefined when there is none. */
export function bytesField(message: Uint8Array, field: number): Uint8Array | undefined {
  return bytesFields(message, field).at(-1);
}

/** The last value of an integer field; 0 when there is none. */
export function integerField(message: Uint8Array, field: number): bigint {
  const reader = protobuf.Reader.create(message);
  let value = 0n;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === field << 3) value = BigInt(String(reader.int64()));
    else reader.skipType(tag & 7);
  }
  return value;
}

/** One length-delimited field, to be put behind others. */
export function encodeBytesField(field: number, content: Uint8Array): Uint8Array {
  return protobuf.Writer.create().uint32(tagOf(field)).bytes(content).finish();
}

function tagOf(field: number): number {
  return (field << 3) | LENGTH_DELIMITED;
}
