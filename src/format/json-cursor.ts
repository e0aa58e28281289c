import { damaged } from "./damaged.ts";
import { utf8Length } from "./utf8.ts";

/** JSON text, and where it was found. */
export interface JsonText {
  readonly text: string;
  readonly file: string;
  /** The text's first byte in the file. */
  readonly offset: number;
  /** What of the file is left out of the text, from this byte of the text on. */
  readonly gap?: { readonly at: number; readonly bytes: number } | undefined;
  /** What the text is in the file: `infos[3]`. */
  readonly path?: string | undefined;
}

/** A place in a text, moved on by the functions below: each reads one value, strictly as JSON has it. */
export interface JsonCursor {
  readonly source: JsonText;
  at: number;
  /** The keys and indexes that lead here. */
  readonly path: (string | number)[];
}

export type JsonKind = "object" | "array" | "string" | "number" | "true" | "false" | "null";

/** No meta file nests deeper than 12. */
const MAX_DEPTH = 64;
const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 64n - 1n;
/** Of -2^63 and of 2^64 - 1, sign included. */
const MAX_DIGITS = 20;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LONE_SURROGATE = /\p{Surrogate}/gu;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

const KINDS: ReadonlyMap<string, JsonKind> = new Map([
  ["{", "object"],
  ["[", "array"],
  ['"', "string"],
  ["t", "true"],
  ["f", "false"],
  ["n", "null"],
  ...[..."-0123456789"].map((first) => [first, "number"] as const),
]);

export function openCursor(source: JsonText): JsonCursor {
  return { source, at: 0, path: [] };
}

/** The kind of the next value, which stays unread. */
export function peekKind(cursor: JsonCursor): JsonKind {
  return KINDS.get(nextChar(cursor)) ?? fail(cursor, "a value should begin here");
}

/** A surrogate without its other half becomes U+FFFD, as in Go. */
export function readString(cursor: JsonCursor): string {
  expect(cursor, '"');
  const { text } = cursor.source;
  const start = cursor.at;
  let hasEscape = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      cursor.at = at + 1;
      return hasEscape ? unescape(cursor, start) : text.slice(start, at);
    }
    if (code < FIRST_PRINTABLE) fail(cursor, "a string holds a control character", at);
    if (code !== BACKSLASH) continue;
    hasEscape = true;
    at++; // what follows is no end, whatever it is
  }
  return fail(cursor, "a string is not closed", text.length);
}

/** An integer, of 64 bits at most, is a bigint; with a fraction or an exponent it is a number. */
export function readNumber(cursor: JsonCursor): bigint | number {
  nextChar(cursor);
  NUMBER.lastIndex = cursor.at;
  const [whole, digits = ""] = NUMBER.exec(cursor.source.text) ?? fail(cursor, "a number should begin here");
  if (whole === digits && digits.length > MAX_DIGITS) fail(cursor, "an integer has more than 64 bits");
  const value = whole === digits ? BigInt(digits) : Number(whole);
  if (typeof value === "bigint" && (value < MIN_INTEGER || value > MAX_INTEGER))
    fail(cursor, "an integer has more than 64 bits");
  cursor.at += whole.length;
  return value;
}

export function readLiteral(cursor: JsonCursor, literal: "true" | "false" | "null"): void {
  nextChar(cursor);
  if (!cursor.source.text.startsWith(literal, cursor.at)) fail(cursor, "a value should begin here");
  cursor.at += literal.length;
}

/** Reads an object; readValue must read the value of each key. */
export function readEntries(cursor: JsonCursor, readValue: (key: string) => void): void {
  readItems(cursor, "{}", () => {
    const key = readString(cursor);
    expect(cursor, ":");
    cursor.path.push(key);
    readValue(key);
  });
}

/** Reads an array; readElement must read each element. */
export function readElements(cursor: JsonCursor, readElement: () => void): void {
  let index = 0;
  readItems(cursor, "[]", () => {
    cursor.path.push(index++);
    readElement();
  });
}

/** Nothing but space may be left. */
export function expectEnd(cursor: JsonCursor): void {
  if (nextChar(cursor) !== "") fail(cursor, "something follows its end");
}

/** Throws a BackupError "damaged" that says where: at the cursor, or at another place in its text. */
export function fail({ source, at: current, path }: JsonCursor, reason: string, at: number = current): never {
  const { file, text, offset, gap } = source;
  const read = utf8Length(text.slice(0, at));
  const skipped = gap !== undefined && read >= gap.at ? gap.bytes : 0;
  const why = at < text.length ? reason : `it ends too early: ${reason}`;
  throw damaged({ file, offset: offset + read + skipped, path: formatPath(source.path ?? "", path) }, why);
}

/** The first character that is not space; "" at the end. */
function nextChar(cursor: JsonCursor): string {
  const { text } = cursor.source;
  while (isSpace(text.charCodeAt(cursor.at))) cursor.at++;
  return text.charAt(cursor.at);
}

/** Space, newline, tab and carriage return are all the space that JSON has. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}

function expect(cursor: JsonCursor, char: string): void {
  if (nextChar(cursor) !== char) fail(cursor, `\`${char}\` should stand here`);
  cursor.at++;
}

function readItems(cursor: JsonCursor, brackets: "{}" | "[]", readItem: () => void): void {
  const [open = "", close = ""] = brackets;
  expect(cursor, open);
  if (cursor.path.length >= MAX_DEPTH) fail(cursor, `it nests deeper than ${MAX_DEPTH}`);
  let isOpen = nextChar(cursor) !== close;
  if (!isOpen) cursor.at++;
  while (isOpen) {
    readItem();
    cursor.path.pop();
    isOpen = takeSeparator(cursor, close) === ",";
  }
}

function takeSeparator(cursor: JsonCursor, close: string): string {
  const char = nextChar(cursor);
  if (char !== "," && char !== close) fail(cursor, `\`,\` or \`${close}\` should stand here`);
  cursor.at++;
  return char;
}

/** The string that began at start, with its escapes undone; the platform's parser knows them all. */
function unescape(cursor: JsonCursor, start: number): string {
  try {
    const text: unknown = JSON.parse(cursor.source.text.slice(start - 1, cursor.at));
    return String(text).replaceAll(LONE_SURROGATE, "\ufffd");
  } catch (error) {
    if (error instanceof SyntaxError) return fail(cursor, "a string holds an escape that JSON does not have", start);
    throw error;
  }
}

function formatPath(start: string, path: JsonCursor["path"]): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step.slice(0, 64)}`));
  return `${start}${steps.join("")}`.replace(/^\./, "");
}
