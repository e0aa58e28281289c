import { Buffer } from "node:buffer";
import { assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { compareUtf8 } from "../../src/core/utf8-order.ts";

it("compareUtf8() has the sign of the comparison of the bytes", () => {
  const text = string({ unit: "binary" });
  assert(
    property(text, text, text, (start, left, right) => {
      const [a, b] = [start + left, start + right];
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

it("compareUtf8() puts U+FF5E before U+1F600, which UTF-16 does not", () => {
  expect(["\u{1f600}", "\uff5e"].toSorted(compareUtf8)).toEqual(["\uff5e", "\u{1f600}"]);
});
