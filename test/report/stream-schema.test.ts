import { describe, expect, it } from "vitest";
import { LINE_EXAMPLES } from "../../scripts/docs/event-examples.ts";
import { streamJsonSchema, streamSchema } from "../../src/report/stream-schema.ts";

/** Members that a line may lack. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  report: ["policy", "source", "targets"],
  "hook.finished": ["output"],
  "gc.changed": ["until"],
};

const examples = Object.entries(LINE_EXAMPLES).map(([type, { line }]) => ({ type, line }));

describe("the event stream", () => {
  it.each(examples)("streamSchema accepts the documented example of $type as it is", ({ type, line }) => {
    const read: unknown = JSON.parse(JSON.stringify(line));
    expect([line.type, streamSchema.parse(read)]).toEqual([type, read]);
  });

  it.each(examples)("streamSchema refuses $type without one of its members, and with one more", ({ line }) => {
    const optional = OPTIONAL[line.type] ?? [];
    for (const member of Object.keys(line).filter((key) => !optional.includes(key))) {
      const { [member]: _member, ...rest } = line as unknown as Record<string, unknown>;
      expect([member, streamSchema.safeParse(rest).success]).toEqual([member, false]);
    }
    expect(streamSchema.safeParse({ ...line, more: 1 }).success).toBe(false);
  });

  it("streamSchema refuses an exit status and an error code that there is not", () => {
    const { line } = LINE_EXAMPLES["not-started"];
    expect(streamSchema.safeParse({ ...line, exitStatus: 6 }).success).toBe(false);
    expect(streamSchema.safeParse({ ...line, error: { ...line.error, code: "worse" } }).success).toBe(false);
  });

  it("streamJsonSchema() says its version, names its parts, and lets pass members that it does not know", () => {
    const schema = streamJsonSchema();
    expect(schema).toMatchObject({ version: 1, $schema: "https://json-schema.org/draft/2020-12/schema" });
    expect(Object.keys((schema as { readonly $defs: object }).$defs).toSorted()).toEqual([
      "CheckOutcome",
      "CollectionOutcome",
      "Error",
      "Event",
      "ExitStatus",
      "Name",
      "Plan",
      "TargetOutcome",
    ]);
    expect(JSON.stringify(schema)).not.toContain("additionalProperties");
  });
});
