import { fail, peekKind, readElements, readEntries, readLiteral, readNumber, readString } from "./json-cursor.ts";
import type { JsonCursor } from "./json-cursor.ts";

/** An integer is a bigint; a number came with a fraction or an exponent. */
export type JsonValue = null | boolean | string | bigint | number | readonly JsonValue[] | JsonObject;

interface JsonObject {
  readonly [key: string]: JsonValue;
}

const LONE_SURROGATE = /\p{Surrogate}/gu;
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** Reads one value of any kind; no digit of a 64-bit integer is lost. */
export function readJson(cursor: JsonCursor): JsonValue {
  const kind = peekKind(cursor);
  switch (kind) {
    case "object":
      return readObject(cursor);
    case "array":
      return readArray(cursor);
    case "string":
      return readString(cursor);
    case "number":
      return readNumber(cursor);
    case "true":
    case "false":
    case "null":
      readLiteral(cursor, kind);
      return kind === "null" ? null : kind === "true";
  }
}

/** As Go's encoding/json prints: no space, keys sorted by their bytes, and what HTML would mind escaped. */
export function printJson(value: JsonValue): string {
  if (typeof value === "string") return printString(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`JSON has no ${value}`);
  if (value === null || typeof value !== "object") return String(value);
  if (isArray(value)) return `[${value.map(printJson).join(",")}]`;
  const entries = Object.entries(value).toSorted(([a], [b]) => compareBytes(a, b));
  return `{${entries.map(([key, entry]) => `${printString(key)}:${printJson(entry)}`).join(",")}}`;
}

/** A string in quotes, as Go escapes it. */
function printString(text: string): string {
  return JSON.stringify(text.replaceAll(LONE_SURROGATE, "\ufffd")).replaceAll(ESCAPED_BY_GO, toEscape);
}

function toEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function readObject(cursor: JsonCursor): JsonObject {
  const entries = new Map<string, JsonValue>();
  readEntries(cursor, (key) => {
    if (entries.has(key)) fail(cursor, "the key is there twice");
    entries.set(key, readJson(cursor));
  });
  return Object.fromEntries(entries); // which takes "__proto__" for a key like others
}

function readArray(cursor: JsonCursor): readonly JsonValue[] {
  const array: JsonValue[] = [];
  readElements(cursor, () => array.push(readJson(cursor)));
  return array;
}

/** Array.isArray does not narrow readonly arrays. */
function isArray(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The order of the UTF-8 bytes, which is that of the code points; JavaScript's own is that of UTF-16. */
function compareBytes(a: string, b: string): number {
  const [left, right] = [Array.from(a, codePoint), Array.from(b, codePoint)];
  const index = left.findIndex((point, at) => point !== right[at]);
  return index === -1 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? -1);
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0;
}
