/** The elements of one value of an Array field: all of one type. */
export type ScalarArray = readonly boolean[] | readonly number[] | readonly bigint[] | readonly string[];

const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

interface ElementType<T> {
  readonly wire: number;
  read(reader: Reader): T;
}

const BOOL: ElementType<boolean> = { wire: WIRE.varint, read: (reader) => reader.varint() !== 0n };
const INT: ElementType<number> = { wire: WIRE.varint, read: (reader) => Number(BigInt.asIntN(32, reader.varint())) };
const LONG: ElementType<bigint> = { wire: WIRE.varint, read: (reader) => BigInt.asIntN(64, reader.varint()) };
const FLOAT: ElementType<number> = { wire: WIRE.fixed32, read: (reader) => reader.take(4).getFloat32(0, true) };
const DOUBLE: ElementType<number> = { wire: WIRE.fixed64, read: (reader) => reader.take(8).getFloat64(0, true) };
const STRING: ElementType<string> = { wire: WIRE.bytes, read: (reader) => decodeText(reader.chunk()) };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text as it is: a leading byte order mark belongs to it, and what is no UTF-8 throws. */
export function decodeText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** Decodes a protobuf schema.ScalarField: a oneof of `message { repeated T data = 1 }`, by type. Empty bytes are []. */
export function decodeScalarArray(bytes: Uint8Array): ScalarArray {
  const reader = createReader(bytes);
  if (reader.isDone()) return [];
  const { field, wire } = reader.tag();
  if (wire !== WIRE.bytes) throw new Error(`the array has wire type ${wire}`);
  const data = reader.chunk();
  if (!reader.isDone()) throw new Error("the array has more than one list");
  switch (field) {
    case 1:
      return decodeElements(data, BOOL);
    case 2:
      return decodeElements(data, INT);
    case 3:
      return decodeElements(data, LONG);
    case 4:
      return decodeElements(data, FLOAT);
    case 5:
      return decodeElements(data, DOUBLE);
    case 6:
      return decodeElements(data, STRING);
    default:
      throw new Error(`the array's elements are of an unknown kind (${field})`);
  }
}

function decodeElements<T>(bytes: Uint8Array, type: ElementType<T>): readonly T[] {
  const elements: T[] = [];
  const reader = createReader(bytes);
  while (!reader.isDone()) {
    const { field, wire } = reader.tag();
    if (field !== 1) throw new Error(`the array has an unknown field (${field})`);
    if (wire === type.wire) {
      elements.push(type.read(reader));
      continue;
    }
    if (wire !== WIRE.bytes) throw new Error(`the array's elements have wire type ${wire}`);
    const packed = createReader(reader.chunk());
    while (!packed.isDone()) elements.push(type.read(packed));
  }
  return elements;
}

interface Reader {
  isDone(): boolean;
  varint(): bigint;
  tag(): { field: number; wire: number };
  /** The next bytes, as many as their own length says. */
  chunk(): Uint8Array;
  take(bytes: number): DataView;
}

function createReader(bytes: Uint8Array): Reader {
  let offset = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = view.getUint8(offset++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error("the array has a number of more than ten bytes");
  };
  const take = (length: number): DataView => {
    if (offset + length > bytes.length) throw new Error("the array ends within a value");
    offset += length;
    return new DataView(bytes.buffer, bytes.byteOffset + offset - length, length);
  };
  return {
    isDone: () => offset >= bytes.length,
    varint,
    take,
    tag: () => {
      const tag = Number(varint());
      return { field: Math.floor(tag / 8), wire: tag % 8 };
    },
    chunk: () => {
      const part = take(Number(varint()));
      return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    },
  };
}
