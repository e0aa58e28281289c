import fc from "fast-check";
import { expect, it } from "vitest";
import { checkImportPath, findPathProblem, type ImportPlace } from "../../src/milvus/import-path.ts";

const GOOD: readonly (readonly [string, ImportPlace])[] = [
  ["restore_temp_1/binlogs/insert_log/4/5/6/", "bucket"],
  ["backups/v1.2/nightly_1/binlogs/insert_log/4/5/6/", "bucket"],
  ["/mnt/nas/milvus.data/nightly_1/binlogs/delta_log/4/5/6/", "disk"],
  ["6/", "bucket"],
];

it.each(GOOD)("findPathProblem() finds none in %j in a %s", (path, place) => {
  expect(findPathProblem(path, place)).toBeUndefined();
});

const BAD: readonly (readonly [string, ImportPlace, string])[] = [
  ["", "bucket", "empty"],
  ["/", "disk", "empty"],
  ["a/b", "bucket", "does not end"],
  ["/a/b", "disk", "does not end"],
  ["a/b.c/", "bucket", "has a dot"],
  ["/a/nightly.1/", "disk", "has a dot"],
  ["a//b/", "bucket", '"//"'],
  ["a/b//", "bucket", '"//"'],
  ["//a/b/", "disk", '"//"'],
  ["a/./b/", "bucket", '".."'],
  ["/a/../b/", "disk", '".."'],
  ["a/b/", "disk", "not absolute"],
  ["/a/b/", "bucket", "starts with"],
];

it.each(BAD)("findPathProblem() finds one in %j in a %s", (path, place, problem) => {
  expect(findPathProblem(path, place)).toContain(problem);
});

it("findPathProblem() lets nothing pass whose last element could be taken for a file or that has empty parts", () => {
  const part = fc.stringMatching(/^[a-z0-9._-]{0,4}$/);
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.constantFrom<ImportPlace>("bucket", "disk"), (parts, place) => {
      const path = parts.join("/");
      if (findPathProblem(path, place) !== undefined) return;
      const body = place === "disk" ? path.slice(1) : path;
      expect(path.startsWith("/")).toBe(place === "disk");
      expect(body).toMatch(/^([^/]+\/)*[^/.]+\/$/);
    }),
    { numRuns: 2000 },
  );
});

it("checkImportPath() refuses with the path and the reason", () => {
  expect(() => checkImportPath("a/b.1/", "bucket")).toThrow(
    expect.objectContaining({ code: "refused", message: expect.stringContaining('Cannot import from "a/b.1/"') }),
  );
});
