import { expect, it } from "vitest";
import { StorageError } from "../../src/core/contracts/storage.ts";
import { BackupError } from "../../src/core/errors.ts";
import { toEventError } from "../../src/core/event-error.ts";
import { MilvusError } from "../../src/milvus/errors.ts";

it("toEventError() keeps code and hint of a BackupError, and adds what caused it", () => {
  const cause = new StorageError("full", "Cannot write x: no space left");
  const error = new BackupError("failed", "Cannot make the list", { cause, hint: "make room", facts: { x: 1 } });
  expect(toEventError(error)).toEqual({
    code: "failed",
    message: "Cannot make the list: Cannot write x: no space left",
    hint: "make room",
  });
});

it("toEventError() takes a MilvusError for the BackupError that it is", () => {
  const error = new MilvusError("collection-not-found", "There is no book");
  expect(toEventError(error)).toEqual({ code: "not-found", message: "There is no book", hint: undefined });
});

it.each([
  ["missing", "damaged"],
  ["denied", "denied"],
  ["throttled", "unreachable"],
  ["unavailable", "unreachable"],
  ["full", "failed"],
  ["corrupt", "damaged"],
  ["conflict", "failed"],
  ["unsupported", "failed"],
  ["precondition", "failed"],
  ["locked", "refused"],
  ["aborted", "interrupted"],
] as const)(
  "toEventError() calls a storage's %s %s, also of a plugin with its own copy of the package",
  (code, expected) => {
    const foreign = Object.assign(new Error("no"), { name: "StorageError", code, hint: "try" });
    for (const error of [new StorageError(code, "no", { hint: "try" }), foreign]) {
      expect(toEventError(error)).toEqual({ code: expected, message: "no", hint: "try" });
    }
  },
);

it("toEventError() tells the work's error first when closing failed after it, as await using does", async () => {
  const failing = async (): Promise<void> => {
    await using _closing = {
      [Symbol.asyncDispose]: () => Promise.reject(new Error("Cannot close it")),
    };
    throw new BackupError("unreachable", "Cannot reach Milvus", { hint: "is it up?" });
  };
  const error: unknown = await failing().catch((reason: unknown) => reason);
  expect(toEventError(error)).toEqual({
    code: "unreachable",
    message: "Cannot reach Milvus; then Cannot close it",
    hint: "is it up?",
  });
});

it("toEventError() says denied of what Deno does not permit, with the flag that its message names", () => {
  const message = 'Requires env access to "HOME", run again with the --allow-env flag';
  const error = Object.assign(new Error(message), { name: "NotCapable" });
  expect(toEventError(error)).toEqual({ code: "denied", message });
});

it.each([
  [new TypeError("x is not a function"), "x is not a function"],
  ["text", "text"],
  [undefined, "undefined"],
])("toEventError() calls %s a bug", (error, message) => {
  expect(toEventError(error)).toEqual({ code: "bug", message });
});
