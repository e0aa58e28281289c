import { isSecret } from "./find-secrets.ts";
import { isMap } from "./plain-data.ts";

/** The members of an object of plain data as TypeScript, a line each and indented so deep. */
export function formatCode(data: object, depth: number): string {
  const indent = "  ".repeat(depth);
  return Object.entries(data)
    .map(([key, value]: [string, unknown]) => `${indent}${toName(key)}: ${toValue(value, depth)},\n`)
    .join("");
}

function toValue(value: unknown, depth: number): string {
  if (Array.isArray(value)) return `[${value.map((item) => toValue(item, depth)).join(", ")}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const entries = Object.entries(value);
  const isShort = isSecret(value) || (entries.every(([, item]) => typeof item !== "object") && entries.length < 2);
  if (isShort) return `{ ${entries.map(([key, item]) => `${toName(key)}: ${toValue(item, depth)}`).join(", ")} }`;
  return `{\n${formatCode(value, depth + 1)}${"  ".repeat(depth)}}`;
}

function toName(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
}
