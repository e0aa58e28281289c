/** docs/operations.md has a section for each way in which a command can end. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { EXIT_STATUS } from "../../src/core/errors.ts";

it("docs/operations.md has one section an exit status, in their order", () => {
  const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const sections = Array.from(page.matchAll(/^## (\d+): /gm), ([, status]) => Number(status));
  expect(sections).toEqual([0, ...Object.values(EXIT_STATUS)].toSorted((a, b) => a - b));
});
