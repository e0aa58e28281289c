import { expect, it } from "vitest";
import type { CollectionSchema, FieldSchema } from "../../src/format/meta.ts";
import { orderFields } from "../../src/milvus/field-order.ts";

function field(id: number, extra: Partial<FieldSchema> = {}): FieldSchema {
  return { fieldID: BigInt(id), name: `f${id}`, data_type: 5, ...extra };
}

function order(schema: Omit<CollectionSchema, "name">): unknown {
  const result = orderFields({ name: "c", ...schema });
  if (result.kind === "impossible") return result;
  const names = (fields: readonly { readonly name: string }[]): string => fields.map(({ name }) => name).join(" ");
  const { atCreation, structs, later } = result.plan;
  return { atCreation: names(atCreation), structs: names(structs), later: names(later) };
}

it("orderFields() sorts by id and leaves the dynamic field to the server", () => {
  expect(order({ fields: [field(102), field(100), field(101)] })).toEqual({
    atCreation: "f100 f101 f102",
    structs: "",
    later: "",
  });
  const dynamic = field(102, { name: "$meta", is_dynamic: true });
  expect(order({ fields: [field(100), field(101), dynamic], enable_dynamic_field: true })).toEqual({
    atCreation: "f100 f101",
    structs: "",
    later: "",
  });
});

it("orderFields() adds later what came after the hidden dynamic field", () => {
  expect(order({ fields: [field(100), field(101), field(103), field(104)], enable_dynamic_field: true })).toEqual({
    atCreation: "f100 f101",
    structs: "",
    later: "f103 f104",
  });
});

it("orderFields() numbers a struct array and its children after the fields and the dynamic field", () => {
  const struct = { fieldID: 103n, name: "s", fields: [field(105), field(104)] };
  const schema = { fields: [field(100), field(101)], struct_array_fields: [struct], enable_dynamic_field: true };
  expect(order(schema)).toEqual({ atCreation: "f100 f101", structs: "s", later: "" });
});

it("orderFields() adds later what came after a struct array", () => {
  const struct = { fieldID: 101n, name: "s", fields: [field(102)] };
  expect(order({ fields: [field(100), field(103)], struct_array_fields: [struct] })).toEqual({
    atCreation: "f100",
    structs: "s",
    later: "f103",
  });
});

it("orderFields() says which field cannot get its id when one was dropped", () => {
  expect(order({ fields: [field(100), field(102)] })).toEqual({
    kind: "impossible",
    field: "f102",
    wanted: 102n,
    given: 101n,
  });
});
