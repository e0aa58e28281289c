import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBackupError } from "../../src/core/errors.ts";
import { printJson } from "../../src/format/json.ts";
import { parseJson } from "../support/parse-json.ts";
import type { JsonValue } from "../../src/format/json.ts";
import { anyJson } from "../support/arbitrary-meta.ts";

function parse(text: string): JsonValue {
  return parseJson({ text, file: "f.json", offset: 100 });
}

function whyNot(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (isBackupError(error) && error.code === "damaged") return error.message;
    throw error;
  }
  throw new Error(`This was taken for JSON: ${text}`);
}

describe("parseJson", () => {
  it("parseJson() gives back what printJson() prints", () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(parse(printJson(value))).toEqual(value);
      }),
    );
  });

  it("parseJson() agrees with the platform where no integer is large", () => {
    const small = fc.json().filter((text) => !/\d{16}|[eE.]|__proto__|\\ud/.test(text));
    fc.assert(
      fc.property(small, (text) => {
        expect(JSON.parse(printJson(parse(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("parseJson() keeps every digit of a 64-bit integer", () => {
    expect(parse(" [ -9223372036854775808 , 18446744073709551615,-0 ]\n")).toEqual([-(2n ** 63n), 2n ** 64n - 1n, 0n]);
  });

  it("parseJson() makes a number of what has a fraction or an exponent", () => {
    expect(parse("[7.0,7e2,-0.5]")).toEqual([7, 700, -0.5]);
  });

  it("parseJson() replaces half a surrogate pair as Go does", () => {
    expect(parse(String.raw`"a\ud83db\ud83d\ude00"`)).toBe("a\ufffdb\u{1f600}");
  });

  it("parseJson() takes __proto__ for a key like others", () => {
    const value = parse('{"__proto__":{"isAdmin":true}}');
    expect(Object.keys(value ?? {})).toEqual(["__proto__"]);
    expect(Reflect.get({}, "isAdmin")).toBe(undefined);
  });

  it.each([
    ["", "Cannot read f.json at byte 100: it ends too early: a value should begin here"],
    ['{"a":[1,{"b":tru}]}', "Cannot read f.json at byte 113 in a[1].b: a value should begin here"],
    ['{"é":1,"é":2}', "Cannot read f.json at byte 113 in é: the key is there twice"],
    ['{"a":1', "Cannot read f.json at byte 106: it ends too early: `,` or `}` should stand here"],
    ['"abc', "Cannot read f.json at byte 104: it ends too early: a string is not closed"],
    ['"abc\\"', "Cannot read f.json at byte 106: it ends too early: a string is not closed"],
    ['"a\u0000"', "Cannot read f.json at byte 102: a string holds a control character"],
    [String.raw`"\x41"`, "Cannot read f.json at byte 101: a string holds an escape that JSON does not have"],
    ["18446744073709551616", "Cannot read f.json at byte 100: an integer has more than 64 bits"],
    ["-9223372036854775809", "Cannot read f.json at byte 100: an integer has more than 64 bits"],
    ["1".repeat(1_000_000), "Cannot read f.json at byte 100: an integer has more than 64 bits"],
    ["[01]", "Cannot read f.json at byte 102: `,` or `]` should stand here"],
    ["[1,]", "Cannot read f.json at byte 103 in [1]: a value should begin here"],
    ["[1]]", "Cannot read f.json at byte 103: something follows its end"],
    ["\ufeff1", "Cannot read f.json at byte 100: a value should begin here"],
    ["\u0000", "Cannot read f.json at byte 100: a value should begin here"],
    ["NaN", "Cannot read f.json at byte 100: a value should begin here"],
  ])("parseJson() refuses %j with its place", (text, message) => {
    expect(whyNot(text)).toBe(message);
  });

  it("parseJson() refuses to follow a nesting of 100,000 levels", () => {
    expect(whyNot("[".repeat(100_000))).toContain("it nests deeper than 64");
    expect(whyNot('{"a":'.repeat(100_000))).toContain("it nests deeper than 64");
  });
});

describe("printJson", () => {
  it("printJson() escapes what Go escapes, and nothing else", () => {
    expect(printJson('<a href="x">&\u2028\u2029 \\ / \b\f\n\r\t\u0001\u007f é \u{1f600}')).toBe(
      String.raw`"\u003ca href=\"x\"\u003e\u0026\u2028\u2029 \\ / \b\f\n\r\t\u0001` + '\u007f é \u{1f600}"',
    );
  });

  it("printJson() sorts keys by their UTF-8 bytes", () => {
    expect(printJson({ "\u{1f600}": 1n, "\uffee": 2n, b: 3n, ab: 4n, a: 5n })).toBe(
      '{"a":5,"ab":4,"b":3,"\uffee":2,"\u{1f600}":1}',
    );
  });

  it("printJson() refuses a number that JSON does not have", () => {
    expect(() => printJson(Number.NaN)).toThrow(RangeError);
  });
});
