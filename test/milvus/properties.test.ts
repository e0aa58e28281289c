import { expect, it } from "vitest";
import { planProperties, restorableProperties } from "../../src/milvus/properties.ts";

const ttl = { key: "collection.ttl.seconds", value: "3600" };
const mmap = { key: "mmap.enabled", value: "true" };

it("restorableProperties() unites both places, the schema's word first, without the server's own", () => {
  const ofCollection = [{ ...mmap, value: "false" }, ttl, { key: "max_field_id", value: "107" }];
  expect(restorableProperties([mmap], ofCollection)).toEqual([mmap, ttl]);
});

it("planProperties() sets the time to live after the comparison", () => {
  const schema = { name: "book", fields: [], properties: [mmap] };
  expect(planProperties({ schema, properties: [ttl] })).toEqual({ atCreation: [mmap], afterComparison: [ttl] });
  expect(planProperties({ schema: { name: "book", fields: [] } })).toEqual({ atCreation: [], afterComparison: [] });
});
