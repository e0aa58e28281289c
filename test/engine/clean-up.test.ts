import { expect, it } from "vitest";
import { BackupError } from "../../src/core/errors.ts";
import { cleanUpAfter } from "../../src/engine/clean-up.ts";

const error = new BackupError("damaged", "The rows differ", { hint: "look" });

it("cleanUpAfter() gives the first error back when everything could be removed", async () => {
  let removed = false;
  expect(await cleanUpAfter(error, "x", async () => (removed = true))).toBe(error);
  expect(removed).toBe(true);
});

it("cleanUpAfter() keeps code, words and hint of the first error when something is left", async () => {
  const second = await cleanUpAfter(error, "the copy", () => Promise.reject(new Error("denied")));
  expect(second).toMatchObject({
    code: "damaged",
    message: "The rows differ; the copy is left, since it cannot be removed: denied",
    hint: "look",
    cause: error,
  });
});
