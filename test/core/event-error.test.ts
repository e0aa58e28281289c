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

it.each([
  [new TypeError("x is not a function"), "x is not a function"],
  ["text", "text"],
  [undefined, "undefined"],
])("toEventError() calls %s a bug", (error, message) => {
  expect(toEventError(error)).toEqual({ code: "bug", message });
});
