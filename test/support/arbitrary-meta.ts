/** Any of the Go tool's objects, made from the tables that they are read and written by. */
import * as fc from "fast-check";
import type { JsonValue } from "../../src/format/json.ts";
import type { Field, Leaf, Message, Shape } from "../../src/format/message.ts";
import { isZero } from "../../src/format/message.ts";

export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "<a href='x'>&\u2028\u2029",
    '"\\/\b\f\n\r\t\u0000\u007f',
    "\u{10ffff}\ufffd",
  ),
);

const LEAVES: Readonly<Record<Leaf, fc.Arbitrary<unknown>>> = {
  string: anyText,
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  strings: fc.array(anyText, { maxLength: 3 }),
  int64s: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 3 }),
  map: fc.dictionary(fc.string({ unit: "binary", maxLength: 4 }), anyText, { maxKeys: 4, noNullPrototype: true }),
};

/** As they are when read: a field that is optional and zero is absent. */
export function anyOf<T>(message: Message<T>): fc.Arbitrary<T> {
  return anyShape(message) as fc.Arbitrary<T>; // the table is T's
}

function anyShape({ fields }: Shape): fc.Arbitrary<object> {
  const entries = [...fields].map(([name, field]) => [name, anyField(field)] as const);
  const required = [...fields].filter(([, { presence }]) => presence !== "optional").map(([name]) => name);
  const whole = fc.record(Object.fromEntries(entries), { requiredKeys: required, noNullPrototype: true });
  return whole.map((values) =>
    Object.fromEntries(
      Object.entries(values).filter(([name, value]) => {
        const field = fields.get(name);
        return field !== undefined && (field.presence !== "optional" || !isZero(field, value));
      }),
    ),
  );
}

function anyField(field: Field): fc.Arbitrary<unknown> {
  if (field.kind === "message") return anyShape(field.message);
  return field.kind === "list" ? fc.array(anyShape(field.message), { maxLength: 2 }) : LEAVES[field.kind];
}

/** Numbers have a fraction: JSON without one is an integer. */
export const anyJson: fc.Arbitrary<JsonValue> = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    anyText,
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isInteger(number)),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(anyText, tie("json"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).json;
