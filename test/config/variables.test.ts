import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandVariables } from "../../src/config/variables.ts";

const env = { HOST: "milvus", PORT: "19530", EMPTY: "" };

describe("expandVariables()", () => {
  it("expandVariables() replaces variables in all strings, and in no key", () => {
    const data = { a: ["${HOST}:${PORT}", "${NONE:-x}", "${EMPTY:-y}", "${EMPTY}"], "${HOST}": { b: "${NONE:-}" } };
    expect(expandVariables(data, env)).toEqual({
      data: { a: ["milvus:19530", "x", "y", ""], "${HOST}": { b: "" } },
      faults: [],
    });
  });

  it("expandVariables() leaves what is no string, and $${ as ${", () => {
    const data = { a: 1, b: true, c: null, d: "$HOST costs $5", e: "$${HOST}" };
    expect(expandVariables(data, env)).toEqual({
      data: { a: 1, b: true, c: null, d: "$HOST costs $5", e: "${HOST}" },
      faults: [],
    });
  });

  it("expandVariables() does not replace in what it put there", () => {
    expect(expandVariables("${A}", { A: "${B}", B: "b" })).toEqual({ data: "${B}", faults: [] });
  });

  it("expandVariables() reports what has no value and what is no variable", () => {
    expect(expandVariables({ a: ["${NONE}"], b: "${1}" }, env).faults).toEqual([
      { path: ["a", 0], message: "the environment variable NONE is not set and has no default" },
      { path: ["b"], message: "expected ${NAME} or ${NAME:-default}; for the letters ${ themselves write $${" },
    ]);
  });

  it("expandVariables() gives the data itself when no string has a dollar", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        fc.pre(!/\$|__proto__/.test(JSON.stringify(data)));
        expect(expandVariables(data, {})).toEqual({ data, faults: [] });
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
        ).toEqual({ data: text, faults: [] });
      }),
    );
  });
});
