import { expect, it } from "vitest";
import { aboutRowBytes, logsOfSegment } from "../../src/format/row-width.ts";

const field = (data_type: number, params: Readonly<Record<string, string>> = {}) => ({
  fieldID: 100n,
  name: "x",
  data_type,
  type_params: Object.entries(params).map(([key, value]) => ({ key, value })),
});

it.each([
  ["Int64", field(5), 8],
  ["Bool", field(1), 1],
  ["a float vector", field(101, { dim: "256" }), 1024],
  ["a binary vector", field(100, { dim: "128" }), 16],
  ["short text", field(21, { max_length: "10" }), 10],
  ["long text", field(21, { max_length: "65535" }), 64],
  ["JSON", field(23), 64],
])("aboutRowBytes() counts %s besides row id and timestamp", (_, one, bytes) => {
  expect(aboutRowBytes({ name: "x", fields: [one] })).toBe(16 + bytes);
});

it("aboutRowBytes() and logsOfSegment() count dynamic fields and those of structs", () => {
  const struct_array_fields = [{ fieldID: 102n, name: "s", fields: [field(5), field(4)] }];
  const schema = { name: "x", fields: [field(5)], enable_dynamic_field: true, struct_array_fields };
  expect([aboutRowBytes(schema), logsOfSegment(schema)]).toEqual([16 + 8 + 64 + 12, 6]);
});
