import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHECK_LEVELS, findPart, formatPart, isInPart } from "../../src/core/check-level.ts";
import type { CheckLevel } from "../../src/core/check-level.ts";
import { judgeChecks } from "../../src/core/judge-checks.ts";
import type { CheckRecord } from "../../src/core/judge-checks.ts";

/** "checksum 3/30 ok" at so many minutes past midnight. */
function record(minute: number, text: string): CheckRecord {
  const [level = "", ...rest] = text.split(" ");
  const part = findPart(rest[0] ?? "") ?? { number: 1, of: 1 };
  const at = new Date(Date.UTC(2026, 10, 24, 0, minute)).toISOString();
  return { level: level as CheckLevel, part, at, verdict: rest.at(-1) === "damaged" ? "damaged" : "ok" };
}

/** What the checks say, one a minute: the level that is verified and its minute, or the minute of the damage. */
function judge(...texts: readonly string[]): unknown {
  const { verified, damaged } = judgeChecks(texts.map((text, minute) => record(minute, text)));
  if (damaged !== undefined)
    return `damaged ${damaged.slice(damaged.indexOf("T00:") + 4, damaged.indexOf("T00:") + 6)}`;
  return verified === undefined ? undefined : `${verified.level} ${verified.at.slice(14, 16)}`;
}

describe("judgeChecks", () => {
  it.each([
    ["the highest level that was passed", ["checksum ok", "metadata ok"], "checksum 00"],
    ["its last time", ["objects ok", "objects ok"], "objects 01"],
    ["nothing without checks", [], undefined],
    ["damage, whatever was passed before", ["restore ok", "metadata damaged"], "damaged 01"],
    ["the damage of a level that was passed again as healed", ["checksum damaged", "checksum ok"], "checksum 01"],
    ["damage that only a lower level was passed after", ["checksum damaged", "objects ok"], "damaged 00"],
    ["damaged bytes that a sample did not look at", ["checksum damaged", "spot ok"], "damaged 00"],
    ["damage as healed that a drill was passed after", ["checksum damaged", "restore ok"], "restore 01"],
    ["missing objects as healed that any part was passed after", ["objects damaged", "checksum 2/9 ok"], "objects 01"],
    ["damage in another part", ["checksum 1/2 damaged", "checksum 2/2 ok"], "damaged 00"],
    ["damage in this part as healed", ["checksum 1/2 damaged", "checksum 1/2 ok"], "objects 01"],
    ["damage in a part as healed by a whole", ["checksum 1/2 damaged", "checksum ok"], "checksum 01"],
    ["all parts as a whole, since the first of them", ["checksum 2/2 ok", "checksum 1/2 ok"], "checksum 00"],
    ["each part's last time", ["checksum 2/2 ok", "checksum 1/2 ok", "checksum 2/2 ok"], "checksum 01"],
    ["the same part twice as no whole", ["checksum 2/2 ok", "checksum 2/2 ok"], "objects 01"],
    ["parts of another number apart", ["checksum 1/2 ok", "checksum 2/3 ok"], "objects 01"],
  ])("judgeChecks() tells %s", (_, texts, expected) => {
    expect(judge(...texts)).toBe(expected);
  });

  it("judgeChecks() lets damage stand that was found at the very time of a check that passed", () => {
    const [passed, damaged] = [record(0, "checksum ok"), record(0, "checksum damaged")];
    expect(judgeChecks([damaged, passed])).toHaveProperty("damaged");
    expect(judgeChecks([passed, damaged])).toHaveProperty("damaged");
  });

  it("judgeChecks() says the same in whatever order the checks are listed", () => {
    const anyCheck = fc.record({
      level: fc.constantFrom(...CHECK_LEVELS),
      part: fc.constantFrom({ number: 1, of: 1 }, { number: 1, of: 2 }, { number: 2, of: 2 }),
      verdict: fc.constantFrom("ok" as const, "damaged" as const),
    });
    fc.assert(
      fc.property(fc.array(anyCheck, { maxLength: 8 }), fc.nat(), (checks, turn) => {
        const records = checks.map((check, minute) => ({ ...check, at: new Date(minute * 60_000).toISOString() }));
        const turned = [...records.slice(turn % 8), ...records.slice(0, turn % 8)];
        expect(judgeChecks(turned)).toEqual(judgeChecks(records));
        const { verified, damaged } = judgeChecks(records);
        expect(verified === undefined || damaged === undefined).toBe(true);
      }),
    );
  });
});

describe("isInPart", () => {
  it("isInPart() puts every object in one part, whatever the number of parts", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 50 }), (key, of) => {
        const parts = Array.from({ length: of }, (_, index) => ({ number: index + 1, of }));
        expect(parts.filter((part) => isInPart(key, part))).toHaveLength(1);
      }),
    );
  });

  it("isInPart() makes parts of about one size of keys that differ in their last digits", () => {
    const keys = Array.from({ length: 3000 }, (_, log) => `binlogs/insert_log/1/2/${log % 7}/${log % 7}/101/${log}`);
    for (const of of [2, 7, 30]) {
      const size = keys.filter((key) => isInPart(key, { number: 1, of })).length;
      expect(size).toBeGreaterThan((keys.length / of) * 0.6);
      expect(size).toBeLessThan((keys.length / of) * 1.5);
    }
  });

  it.each(["0/3", "4/3", "1", "1/0", "1/99999", "a/b", "1/3/5", "-1/3"])("findPart() has none for %s", (text) => {
    expect(findPart(text)).toBeUndefined();
  });

  it("findPart() reads what formatPart() writes", () => {
    expect(findPart(formatPart({ number: 3, of: 30 }))).toEqual({ number: 3, of: 30 });
  });
});
