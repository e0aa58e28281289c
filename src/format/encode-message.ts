import { printJson } from "./json.ts";
import type { JsonValue } from "./json.ts";
import { isZero } from "./message.ts";
import type { Field, Message, Shape } from "./message.ts";

/** Prints as the Go tool does: keys in the order of its structs, zero values left out but those of `always` fields. */
export function encodeMessage<T extends object>(message: Message<T>, value: NoInfer<T>): string {
  return printMessage(message, value);
}

/** The text around the elements of one list: prefix, elements with "," between, suffix; or only `empty` without any. */
export interface Frame {
  readonly prefix: string;
  readonly suffix: string;
  readonly empty: string;
}

/** A message as encodeMessage prints it, with a hole where the elements of one of its lists go. */
export function encodeFrame<T extends object>(message: Message<T>, value: NoInfer<T>, list: keyof T & string): Frame {
  const fields = [...message.fields];
  const hole = fields.findIndex(([name]) => name === list);
  const before = printFields(fields.slice(0, hole), value);
  const after = printFields(fields.slice(hole + 1), value);
  return {
    prefix: `{${[...before, `"${list}":[`].join(",")}`,
    suffix: `${["]", ...after].join(",")}}`,
    empty: `{${[...before, ...after].join(",")}}`,
  };
}

function printMessage({ fields }: Shape, value: object): string {
  return `{${printFields(fields, value).join(",")}}`;
}

function printFields(fields: Iterable<readonly [string, Field]>, value: object): readonly string[] {
  const printed: string[] = [];
  for (const [name, field] of fields) {
    const content: unknown = Reflect.get(value, name);
    const isWritten = content !== undefined && (field.presence === "always" || !isZero(field, content));
    if (isWritten) printed.push(`"${name}":${printContent(field, content)}`);
  }
  return printed;
}

/** The compiler has checked that a value fits its table, but for the range of integers. */
function printContent(field: Field, content: unknown): string {
  if (field.kind === "message") return printMessage(field.message, content as object);
  if (field.kind === "list") {
    return `[${(content as readonly object[]).map((of) => printMessage(field.message, of)).join(",")}]`;
  }
  if (field.kind === "int32" || field.kind === "int64" || field.kind === "uint64") checkRange(field.kind, content);
  if (field.kind === "int64s") for (const id of content as readonly bigint[]) checkRange("int64", id);
  return printJson(content as JsonValue);
}

function checkRange(kind: "int32" | "int64" | "uint64", value: unknown): void {
  const isInRange =
    typeof value === "bigint"
      ? value === (kind === "int64" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value))
      : Number(value) === (Number(value) | 0);
  if (!isInRange) throw new RangeError(`Not an ${kind}: ${value}`);
}
