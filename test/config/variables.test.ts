import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandVariables } from "../../src/config/variables.ts";

const env = { HOST: "milvus", PORT: "19530", EMPTY: "" };

describe("expandVariables()", () => {
  it("expandVariables() replaces variables in all strings, and in no key", () => {
    const data = { a: ["${HOST}:${PORT}", "${NONE:-x}", "${EMPTY:-y}", "${EMPTY}"], "${HOST}": { b: "${NONE:-}" } };
    expect(expandVariables(data, env)).toEqual({
      data: { a: ["milvus:19530", "x", "y", ""], "${HOST}": { b: "" } },
      problems: [],
    });
  });

  it("expandVariables() leaves what is no string, and $${ as ${", () => {
    const data = { a: 1, b: true, c: null, d: "$HOST costs $5", e: "$${HOST}", f: undefined };
    expect(expandVariables(data, env)).toEqual({
      data: { a: 1, b: true, c: null, d: "$HOST costs $5", e: "${HOST}" },
      problems: [],
    });
  });

  it("expandVariables() does not replace in what it put there", () => {
    expect(expandVariables("${A}", { A: "${B}", B: "b" })).toEqual({ data: "${B}", problems: [] });
  });

  it("expandVariables() reports what has no value, what is no variable and what is no data", () => {
    const holder: { self?: unknown } = {};
    holder.self = holder;
    const odd = new Map();
    expect(expandVariables({ a: ["${NONE}"], b: "${1}", c: () => 1, d: odd, e: 5n, f: holder }, env).problems).toEqual([
      { path: ["a", 0], message: "the environment variable NONE is not set and has no default" },
      { path: ["b"], message: "expected ${NAME} or ${NAME:-default}; for the letters ${ themselves write $${" },
      { path: ["c"], message: "expected plain data, got a function" },
      { path: ["d"], message: "expected plain data, got a Map" },
      { path: ["e"], message: "expected plain data, got a bigint" },
      { path: ["f", "self"], message: "this value contains itself" },
    ]);
  });

  it("expandVariables() gives the data itself when no string has a dollar", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        fc.pre(!/\$|__proto__/.test(JSON.stringify(data)));
        expect(expandVariables(data, {})).toEqual({ data, problems: [] });
      }),
    );
  });

  it("expandVariables() gives any text back when it was escaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", "{", "}", "A", ":-", " ") }), (text) => {
        expect(
          expandVariables(
            text.replaceAll("${", () => "$${"),
            {},
          ),
        ).toEqual({ data: text, problems: [] });
      }),
    );
  });
});
