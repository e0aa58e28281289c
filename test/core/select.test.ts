import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkGlob,
  checkPattern,
  compileGlobs,
  compileSelection,
  countMatches,
  matchedNothing,
  nameOf,
} from "../../src/core/select.ts";

const select = (include: string[], exclude: string[] = []) => compileSelection({ include, exclude });
const collection = (database: string, name: string) => ({ database, name });

const letters = fc.stringMatching(/^[a-c_]{1,6}$/);
const glob = fc.stringMatching(/^[a-c_*?]{1,6}$/);
const names = fc.record({ database: letters, name: letters });
const patterns = fc.array(
  fc.tuple(glob, glob).map((parts) => parts.join(".")),
  { maxLength: 4 },
);

const asRegExp = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(".", "\\.").replaceAll("*", "[^.]*").replaceAll("?", "[^.]")}$`);

describe("compileSelection()", () => {
  it("compileSelection() says which pattern decided when one did", () => {
    const verdict = select(["shop.orders", "default.*"], ["*.tmp_*"]);
    expect(verdict(collection("shop", "orders"))).toEqual({ isSelected: true, by: "shop.orders" });
    expect(verdict(collection("default", "a"))).toEqual({ isSelected: true, by: "default.*" });
    expect(verdict(collection("default", "tmp_a"))).toEqual({ isSelected: false, by: "*.tmp_*" });
    expect(verdict(collection("shop", "items"))).toEqual({ isSelected: false });
    expect(select(["a*", "ab", "default.ab"])(collection("", "ab"))).toEqual({ isSelected: true, by: "a*" });
    expect(select(["ab", "a*", "default.ab"])(collection("", "ab"))).toEqual({ isSelected: true, by: "ab" });
  });

  it("compileSelection() takes a pattern of the default database when it has no dot", () => {
    const verdict = select(["book*"]);
    expect(verdict(collection("default", "books")).isSelected).toBe(true);
    expect(verdict(collection("", "books")).isSelected).toBe(true);
    expect(verdict(collection("shop", "books")).isSelected).toBe(false);
  });

  it("compileSelection() matches ? with one letter and * with any number, within a part", () => {
    const verdict = select(["d?.a*z"]);
    const selected = [
      ["d1", "az"],
      ["d1", "abcz"],
      ["d", "az"],
      ["d12", "az"],
      ["d1", "az_"],
    ].map(([database = "", name = ""]) => verdict(collection(database, name)).isSelected);
    expect(selected).toEqual([true, true, false, false, false]);
  });

  it("compileSelection() takes what stands between slashes as a regular expression on the whole of database.collection", () => {
    const verdict = select(["/shop\\.tenant_\\d{2}/", "/default\\.b/"], ["/.*_13/"]);
    const selected = ["shop.tenant_12", "shop.tenant_13", "shop.tenant_123", "myshop.tenant_12"].map(
      (name) => verdict(collection(...(name.split(".") as [string, string]))).isSelected,
    );
    expect(selected).toEqual([true, false, false, false]);
    expect(verdict(collection("", "b"))).toEqual({ isSelected: true, by: "/default\\.b/" });
  });

  it("compileSelection() agrees with regular expressions when patterns are arbitrary", () => {
    fc.assert(
      fc.property(patterns, patterns, names, (include, exclude, { database, name }) => {
        const matches = (pattern: string): boolean => asRegExp(pattern).test(`${database}.${name}`);
        const expected = include.some(matches) && !exclude.some(matches);
        expect(select(include, exclude)({ database, name }).isSelected).toBe(expected);
      }),
    );
  });

  it("compileSelection() does not depend on the order of patterns", () => {
    fc.assert(
      fc.property(patterns, patterns, names, (include, exclude, name) => {
        const reversed = select(include.toReversed(), exclude.toReversed());
        expect(reversed(name).isSelected).toBe(select(include, exclude)(name).isSelected);
      }),
    );
  });

  it("compileSelection() stays fast when a pattern has many stars", () => {
    const startedAt = performance.now();
    const verdict = select([`d.${"*a".repeat(100)}b`])(collection("d", "a".repeat(255)));
    expect(verdict).toEqual({ isSelected: false });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

describe("matchedNothing()", () => {
  it("matchedNothing() gives the patterns that match no collection", () => {
    const known = [collection("default", "books"), collection("shop", "orders")];
    expect(matchedNothing(["books", "shop.*", "shop.items", "x.*"], known)).toEqual(["shop.items", "x.*"]);
  });

  it("matchedNothing() gives all patterns when there is no collection", () => {
    expect(matchedNothing(["*.*"], [])).toEqual(["*.*"]);
  });
});

describe("nameOf()", () => {
  it("nameOf() gives the collection when the pattern names one", () => {
    expect(nameOf("shop.orders")).toEqual({ database: "shop", name: "orders" });
    expect(nameOf("books")).toEqual({ database: "default", name: "books" });
  });

  it("nameOf() gives nothing when the pattern is a glob", () => {
    expect(["shop.*", "sho?.orders", "/shop.orders/"].map(nameOf)).toEqual([undefined, undefined, undefined]);
  });
});

describe("checkPattern()", () => {
  it("checkPattern() finds nothing wrong when the pattern is one", () => {
    const known = ["*", "*.*", "a.b", "a_1.b$?*", "/shop\\.(a|b)+/"];
    expect(known.map(checkPattern)).toEqual(known.map(() => undefined));
  });

  it("checkPattern() says what is wrong with a regular expression", () => {
    expect(["/(a/", "/a\\1/", "//", "/a"].map(checkPattern)).toEqual([
      "a regular expression has a ( without its )",
      "a regular expression has no \\1 here: \\d, \\w, \\s and \\.",
      "a pattern holds names, * for any letters and ? for one, or is a regular expression: /…/",
      "a pattern holds names, * for any letters and ? for one, or is a regular expression: /…/",
    ]);
  });

  it("checkPattern() says what is wrong when it is none", () => {
    const empty = "a pattern has no empty part: database.collection";
    expect(["a.b.c", "", "a.", ".b", "a b", "a/b"].map(checkPattern)).toEqual([
      "a pattern has at most one dot: database.collection",
      empty,
      empty,
      empty,
      "a pattern holds names, * for any letters and ? for one, or is a regular expression: /…/",
      "a pattern holds names, * for any letters and ? for one, or is a regular expression: /…/",
    ]);
  });
});

it("countMatches() counts what each pattern matches, whether it decides or not", () => {
  const known = [collection("shop", "a"), collection("shop", "b"), collection("default", "a")];
  expect(countMatches(["shop.*", "a", "x", "/.*a/"], known)).toEqual([2, 1, 0, 2]);
});

it("compileGlobs() matches a name without a dot by any of the globs", () => {
  const matches = compileGlobs(["p2024*", "_default"]);
  expect(["p2024_01", "_default", "p2023", "default"].filter(matches)).toEqual(["p2024_01", "_default"]);
});

it("checkGlob() lets letters, * and ? through", () => {
  expect(["p2024*", "_default", "a?", "a.b", "", "/a/"].filter(checkGlob)).toEqual(["p2024*", "_default", "a?"]);
});
