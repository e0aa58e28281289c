import { describe, expect, it } from "vitest";
import { checkRuns } from "../../src/binlog/runs.ts";

const check = (bytes: readonly number[], shape: { width: number; count: number }): void => {
  checkRuns(new DataView(Uint8Array.from(bytes).buffer), { start: 0, end: bytes.length }, shape);
};

describe("checkRuns()", () => {
  it.each([
    ["one run of all values", [200, 1, 5], { width: 3, count: 100 }],
    ["a padded bit-packed group", [3, 0b101], { width: 1, count: 3 }],
    ["a run, then a group", [8, 1, 3, 255], { width: 1, count: 12 }],
    ["fewer values than the bound, where there are nulls", [8, 1], { width: 1, count: 10 }],
    ["an empty run", [0, 0, 8, 1], { width: 8, count: 4 }],
  ])("accepts %s", (_, bytes, shape) => {
    expect(() => check(bytes, shape)).not.toThrow();
  });

  it.each([
    ["a run longer than what is left", [202, 1, 5], { width: 3, count: 100 }],
    ["a run of two billion", [0xfe, 0xff, 0xff, 0xff, 0x0f, 1], { width: 1, count: 10 }],
    ["a group that ends too late", [5, 255], { width: 1, count: 9 }],
    ["a length of more than 32 bits", [0x80, 0x80, 0x80, 0x80, 0x80, 1], { width: 1, count: 10 }],
    ["wide values", [2, 0], { width: 33, count: 1 }],
    ["a length cut off", [0x80], { width: 1, count: 10 }],
  ])("throws for %s", (_, bytes, shape) => {
    expect(() => check(bytes, shape)).toThrow();
  });
});
