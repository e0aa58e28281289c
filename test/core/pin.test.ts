import { describe, expect, it } from "vitest";
import { findUntil, formatPin, isHeld } from "../../src/core/pin.ts";

const at = "2026-11-24T02:00:00.000Z";

describe("pins", () => {
  it("isHeld() is true until it expires", () => {
    const until = "2026-12-01T00:00:00.000Z";
    expect(isHeld({ at }, Date.parse("2999-01-01"))).toBe(true);
    expect(isHeld({ at, until }, Date.parse(until) - 1)).toBe(true);
    expect(isHeld({ at, until }, Date.parse(until))).toBe(false);
  });

  it("findUntil() takes a date as its end, and a time with its offset", () => {
    expect(findUntil("2026-12-31")?.toISOString()).toBe("2027-01-01T00:00:00.000Z");
    expect(findUntil("2026-12-31T12:00:00+01:00")?.toISOString()).toBe("2026-12-31T11:00:00.000Z");
  });

  it.each(["tomorrow", "2026", "2026-02-30", "2026-02-30T12:00:00Z", "12", "2026-13-01", "2026-12-31T12:00"])(
    "findUntil() does not take %s",
    (text) => expect(findUntil(text)).toBeUndefined(),
  );

  it("formatPin() says why, who and until when", () => {
    expect(formatPin({ at })).toBe("no reason was given");
    expect(formatPin({ at, reason: "audit", by: "ann@host", until: at })).toBe(`audit, by ann@host, until ${at}`);
  });
});
