import {
  expectEnd,
  fail,
  openCursor,
  peekKind,
  readElements,
  readEntries,
  readLiteral,
  readNumber,
  readString,
} from "./json-cursor.ts";
import type { JsonCursor, JsonKind, JsonText } from "./json-cursor.ts";
import { readJson } from "./json.ts";
import { isZero } from "./message.ts";
import type { Field, Leaf, Message, Shape } from "./message.ts";

/**
 * Reads JSON as the Go reader does: keys in any case, unknown ones ignored, null as zero. Only a known key that is there
 * twice is refused, which Go lets pass. Throws a BackupError "damaged" with file, byte and path.
 */
export function decodeMessage<T>(message: Message<T>, source: JsonText): T {
  const cursor = openCursor(source);
  const value = readMessage(cursor, message);
  expectEnd(cursor);
  return value as T; // message() had the compiler check that the table is T's
}

type Values = Record<string, unknown>;

function readMessage(cursor: JsonCursor, shape: Shape): Values {
  expectKind(cursor, "object");
  const values: Values = {};
  const seen = new Set<string>();
  readEntries(cursor, (key) => {
    const name = shape.names.get(key.toLowerCase());
    const field = name === undefined ? undefined : shape.fields.get(name);
    if (name === undefined || field === undefined) {
      readJson(cursor); // unknown: read to get past it
      return;
    }
    if (seen.has(name)) fail(cursor, "the key is there twice");
    seen.add(name);
    const value = readField(cursor, field);
    if (field.presence !== "optional" || !isZero(field, value)) values[name] = value;
  });
  for (const [name, field] of shape.fields) if (field.presence !== "optional") values[name] ??= zeroOf(field);
  return values;
}

function readField(cursor: JsonCursor, field: Field): unknown {
  if (skipNull(cursor)) return undefined;
  if (field.kind === "message") return readMessage(cursor, field.message);
  if (field.kind !== "list") return READ[field.kind](cursor);
  return readList(cursor, () => (skipNull(cursor) ? zeroMessage(field.message) : readMessage(cursor, field.message)));
}

const READ: Readonly<Record<Leaf, (cursor: JsonCursor) => unknown>> = {
  string: readText,
  bool: (cursor) => {
    const isTrue = peekKind(cursor) === "true";
    if (!isTrue) expectKind(cursor, "false");
    readLiteral(cursor, isTrue ? "true" : "false");
    return isTrue;
  },
  int32: (cursor) => Number(readInteger(cursor, { min: -(2n ** 31n), max: 2n ** 31n - 1n })),
  int64: readInt64,
  uint64: (cursor) => readInteger(cursor, { min: 0n, max: 2n ** 64n - 1n }),
  strings: (cursor) => readList(cursor, () => (skipNull(cursor) ? "" : readText(cursor))),
  int64s: (cursor) => readList(cursor, () => (skipNull(cursor) ? 0n : readInt64(cursor))),
  map: readMap,
};

function readText(cursor: JsonCursor): string {
  expectKind(cursor, "string");
  return readString(cursor);
}

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

function readInt64(cursor: JsonCursor): bigint {
  return readInteger(cursor, INT64);
}

function readInteger(cursor: JsonCursor, { min, max }: { readonly min: bigint; readonly max: bigint }): bigint {
  expectKind(cursor, "number");
  const start = cursor.at;
  const value = readNumber(cursor);
  if (typeof value === "number") return fail(cursor, "an integer has a fraction or an exponent", start);
  return value < min || value > max ? fail(cursor, `an integer is not between ${min} and ${max}`, start) : value;
}

function readList<E>(cursor: JsonCursor, read: () => E): readonly E[] {
  expectKind(cursor, "array");
  const list: E[] = [];
  readElements(cursor, () => list.push(read()));
  return list.slice(); // a list that grew has room for 17: too much for a million lists of one
}

function readMap(cursor: JsonCursor): Readonly<Record<string, string>> {
  expectKind(cursor, "object");
  const entries = new Map<string, string>();
  readEntries(cursor, (key) => {
    if (entries.has(key)) fail(cursor, "the key is there twice");
    entries.set(key, skipNull(cursor) ? "" : readText(cursor));
  });
  return Object.fromEntries(entries);
}

function expectKind(cursor: JsonCursor, kind: JsonKind): void {
  const found = peekKind(cursor);
  if (found !== kind) fail(cursor, `${WORDS[kind]} should stand here, not ${WORDS[found]}`);
}

const WORDS: Readonly<Record<JsonKind, string>> = {
  object: "an object",
  array: "a list",
  string: "a string",
  number: "a number",
  true: "true or false",
  false: "true or false",
  null: "null",
};

function skipNull(cursor: JsonCursor): boolean {
  if (peekKind(cursor) !== "null") return false;
  readLiteral(cursor, "null");
  return true;
}

const ZERO: Readonly<Record<Leaf, unknown>> = {
  string: "",
  bool: false,
  int32: 0,
  int64: 0n,
  uint64: 0n,
  strings: [],
  int64s: [],
  map: {},
};

function zeroOf(field: Field): unknown {
  if (field.kind === "list") return [];
  return field.kind === "message" ? zeroMessage(field.message) : ZERO[field.kind];
}

function zeroMessage({ fields }: Shape): Values {
  const there = [...fields].filter(([, { presence }]) => presence !== "optional");
  return Object.fromEntries(there.map(([name, field]) => [name, zeroOf(field)]));
}
