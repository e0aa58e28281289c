import { expectEnd, openCursor } from "../../src/format/json-cursor.ts";
import type { JsonText } from "../../src/format/json-cursor.ts";
import { readJson } from "../../src/format/json.ts";
import type { JsonValue } from "../../src/format/json.ts";

/** A whole text as one value. */
export function parseJson(source: JsonText): JsonValue {
  const cursor = openCursor(source);
  const value = readJson(cursor);
  expectEnd(cursor);
  return value;
}
