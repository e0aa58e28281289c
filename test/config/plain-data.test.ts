import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toPlainData } from "../../src/config/plain-data.ts";

describe("toPlainData()", () => {
  it("toPlainData() gives data as it is, without what is undefined", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        fc.pre(!JSON.stringify(data).includes("__proto__"));
        expect(toPlainData({ data, nothing: undefined })).toEqual({ data: { data }, faults: [] });
        expect(Object.keys(toPlainData({ data, nothing: undefined }).data ?? {})).toEqual(["data"]);
      }),
    );
  });

  it("toPlainData() leaves out what is no data, and tells where it was", () => {
    const holder: { self?: unknown } = {};
    holder.self = holder;
    const data = { a: () => 1, b: new Map(), c: 5n, d: holder, e: [1, undefined], f: JSON.parse('{ "__proto__": 1 }') };
    expect(toPlainData(data)).toEqual({
      data: { a: undefined, b: undefined, c: undefined, d: {}, e: [1, undefined], f: {} },
      faults: [
        { path: ["a"], message: "expected plain data, got a function" },
        { path: ["b"], message: "expected plain data, got a Map" },
        { path: ["c"], message: "expected plain data, got a bigint" },
        { path: ["d", "self"], message: "this value contains itself" },
        { path: ["e", 1], message: "expected plain data, got nothing" },
        { path: ["f"], message: "the key __proto__ is not allowed" },
      ],
    });
  });
});
