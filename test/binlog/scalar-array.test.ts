import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { decodeScalarArray, decodeText } from "../../src/binlog/scalar-array.ts";

const decode = (hex: string): unknown => decodeScalarArray(Buffer.from(hex.replaceAll(" ", ""), "hex"));

describe("decodeScalarArray()", () => {
  it.each([
    ["booleans", "0a 05 0a 03 01 00 01", [true, false, true]],
    ["int32, negative ones in ten bytes", "12 0f 0a 0d 07 80 01 ffffffffffffffffff01", [7, 128, -1]],
    ["the int32 extremes", "12 11 0a 0f 8080808 0f8ffffffff01 ffffffff07", [-2147483648, 2147483647]],
    ["int64", "1a 15 0a 13 80808080808080808001 ffffffffffffffff7f", [-(2n ** 63n), 2n ** 63n - 1n]],
    ["floats", "22 0a 0a 08 0000c03f 000000c0", [1.5, -2]],
    ["doubles", "2a 0a 0a 08 9a9999999999b93f", [0.1]],
    ["text, also empty", "32 0a 0a 02 c3a9 0a 00 0a 02 e4bd".replace("e4bd", "6162"), ["é", "", "ab"]],
    ["elements that are not packed", "12 04 08 07 08 09", [7, 9]],
    ["an empty list", "1a 02 0a 00", []],
    ["an empty message", "1a 00", []],
    ["no bytes", "", []],
  ])("decodes %s", (_, hex, elements) => {
    expect(decode(hex)).toEqual(elements);
  });

  it.each([
    ["a length beyond the end", "1a 7f 0a 00"],
    ["a number without an end", "1a 0c 0a 0a ffffffffffffffffffff"],
    ["half a float", "22 04 0a 02 0000"],
    ["an unknown kind of elements", "42 00"],
    ["two lists", "1a 00 12 00"],
    ["invalid UTF-8", "32 04 0a 02 c328"],
    ["a field beside the elements", "1a 02 12 00"],
  ])("throws for %s", (_, hex) => {
    expect(() => decode(hex)).toThrow();
  });
});

it("decodeText() keeps a leading byte order mark", () => {
  expect(decodeText(Buffer.from("\uFEFFkey"))).toBe("\uFEFFkey");
});
