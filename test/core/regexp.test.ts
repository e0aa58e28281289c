import * as fc from "fast-check";
import { expect, it } from "vitest";
import { compileRegExp } from "../../src/core/regexp.ts";

const atom = fc.constantFrom("a", "b", ".", "\\.", "\\d", "\\w", "[a-c]", "[^ab_]", "[.\\d-]", "1");
const expression = fc.letrec<{ readonly node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    fc.tuple(tie("node"), tie("node")).map((parts) => parts.join("")),
    fc.tuple(tie("node"), tie("node")).map(([one, other]) => `(${one}|${other})`),
    fc
      .tuple(tie("node"), fc.constantFrom("*", "+", "?", "{2}", "{1,}", "{0,2}"))
      .map(([node, times]) => `(?:${node})${times}`),
  ),
})).node;
const name = fc.stringMatching(/^[abc1_.]{0,8}$/);

it("compileRegExp() agrees with JavaScript on whole texts when expressions are arbitrary", () => {
  fc.assert(
    fc.property(expression, fc.array(name, { minLength: 1, maxLength: 5 }), (source, texts) => {
      const matches = compileRegExp(source);
      expect(texts.map(matches)).toEqual(texts.map((text) => new RegExp(`^(?:${source})$`).test(text)));
    }),
    { numRuns: 1000 },
  );
});

it("compileRegExp() forgets ways that there are too many of, and still finds the right ones", () => {
  const matches = compileRegExp("(a|b)*a(a|b){12}"); // 2^13 sets of states
  const texts = Array.from({ length: 3000 }, (_, index) =>
    (index * 2_654_435_761).toString(2).replaceAll("0", "a").replaceAll("1", "b"),
  );
  expect(texts.map(matches)).toEqual(texts.map((text) => text.at(-13) === "a"));
});

it.each([
  ["^shop\\.orders$", "shop.orders", true],
  ["shop", "shop.orders", false],
  ["orders|shop\\.x", "shop.orders", false],
  ["\\$", "$", true],
  ["a\\\\$", "a\\", true],
  ["[]", "a", false],
  ["[^]", "a", true],
  ["[a-]", "-", true],
  ["", "", true],
])("compileRegExp(%j) matches %j: %j", (source, text, matches) => {
  expect(compileRegExp(source)(text)).toBe(matches);
});

it("compileRegExp() comes to an end on what makes a matcher hang that tries one way after another", () => {
  const text = "a".repeat(511);
  for (const source of ["(a+)+b", "(a|a)*b", "(a*)*b", "((a*)*)*b", "(.*a){20}b", "()*b", "a*a*a*a*a*a*b"]) {
    expect(compileRegExp(source)(text)).toBe(false);
  }
});

it.each([
  ["(a", "a regular expression has a ( without its )"],
  ["a)", "a regular expression has a ) without its ("],
  ["[a", "a regular expression has a [ without its ]"],
  ["a\\", "a regular expression ends too early"],
  ["*a", "a regular expression cannot have * here; \\* is the letter"],
  ["a$b", "a regular expression cannot have $ here; \\$ is the letter"],
  ["a/b", "a regular expression cannot have / here; \\/ is the letter"],
  ["a*?", "a regular expression cannot repeat twice: ?"],
  ["a{2,1}", "a regular expression cannot repeat 2 to 1 times"],
  ["(?=a)", "a regular expression has plain groups only: no (?=, (?! and (?<"],
  ["(a)\\1", "a regular expression has no \\1 here: \\d, \\w, \\s and \\."],
  ["[b-a]", "a regular expression has no range b-a"],
  ["((a{100}){100}){100}", "a regular expression repeats too much to be worth it"],
  ["(((){999}){999}){999}", "a regular expression repeats too much to be worth it"],
  ["a".repeat(1001), "a regular expression has at most 1000 letters"],
])("compileRegExp() refuses %j", (source, message) => {
  expect(() => compileRegExp(source)).toThrow(new SyntaxError(message));
});
