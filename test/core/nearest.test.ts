import { expect, it } from "vitest";
import { findNearest } from "../../src/core/nearest.ts";

it("findNearest() finds the word that is likely meant, and none when nothing is near", () => {
  const words = ["restore", "run", "list"];
  expect(["restroe", "lsit", "runn", "frobnicate"].map((word) => findNearest(word, words))).toEqual([
    "restore",
    "list",
    "run",
    undefined,
  ]);
});
