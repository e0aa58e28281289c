import { expect, it } from "vitest";
import { planDelete } from "../../src/core/delete-plan.ts";

it("planDelete() says of the backup what goes with it", () => {
  expect(planDelete({ name: "b1", state: "partial", collections: 1, bytes: 1536 }, "nas")).toEqual({
    version: 1,
    action: "delete",
    backup: "b1",
    target: "nas",
    steps: [
      { kind: "delete-backup", id: "b1", why: "asked for by name (partial, 1 collection, 1.5 KiB)", backup: "b1" },
    ],
    warnings: [],
  });
});

it("planDelete() refuses a backup that is being made", () => {
  const running = { name: "b1", state: "running", collections: 0, bytes: 0 };
  expect(() => planDelete(running, "nas")).toThrow(
    expect.objectContaining({ code: "locked", message: "Cannot delete b1: it is being made" }),
  );
});
