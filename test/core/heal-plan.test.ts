import { describe, expect, it } from "vitest";
import { formatAsked, planHeals } from "../../src/core/heal-plan.ts";
import type { FoundDamage } from "../../src/core/heal-plan.ts";

const NOW = new Date("2026-11-24T12:00:00.000Z");
const SOURCE = "the source prod";

function damage(given: Partial<FoundDamage> = {}): FoundDamage {
  return {
    backup: "nightly_1",
    target: "nas",
    state: "complete",
    policy: "nightly",
    source: "prod",
    check: { level: "checksum", part: { number: 1, of: 1 }, at: "2026-11-24T02:00:00.000Z", verdict: "damaged" },
    donors: ["offsite", SOURCE],
    ...given,
  };
}

const plan = (...found: readonly FoundDamage[]) => planHeals(found, { policy: "nightly", source: "prod", now: NOW });
const at = (time: string, given: Partial<FoundDamage>): FoundDamage =>
  damage({ ...given, check: { ...damage().check, at: time } });

describe("planHeals", () => {
  it("planHeals() looks at what nobody was asked for yet as the check did that found the damage", () => {
    const { steps, warnings } = plan(damage());
    expect([steps, warnings]).toMatchObject([
      [{ kind: "check", backup: "nightly_1", target: "nas", level: "checksum", repair: true }],
      [],
    ]);
  });

  it("planHeals() leaves what all who may have it were asked for in vain, and says who and until when", () => {
    const { steps, warnings } = plan(damage({ asked: ["offsite", SOURCE, "a target that is gone"] }));
    expect(steps).toEqual([]);
    expect(warnings).toEqual([
      "nightly_1 is damaged in nas: the checksum check of 2026-11-24T02:00:00.000Z found damage, and offsite, the source prod and a target that is gone do not have it any more: it is asked again when another target has a copy, or after 2026-12-01T02:00:00.000Z",
    ]);
  });

  it.each([
    ["another target has a copy since", damage({ asked: [SOURCE] })],
    ["the one that was away is there again", damage({ asked: ["offsite"] })],
    ["a week is over", at("2026-11-17T12:00:00.000Z", { asked: ["offsite", SOURCE] })],
  ])("planHeals() asks again when %s", (_, found) => {
    expect(plan(found)).toMatchObject({ steps: [{ repair: true }], warnings: [] });
  });

  it("planHeals() counts the week from when it was asked, whatever has looked since", () => {
    const asked = ["offsite", SOURCE];
    const since = (askedAt: string) => plan(damage({ asked, askedAt })).steps.length;
    expect([since("2026-11-17T12:00:00.000Z"), since("2026-11-17T12:00:00.001Z")]).toEqual([1, 0]);
  });

  it("planHeals() does not ask again just before a week is over", () => {
    expect(plan(at("2026-11-17T12:00:00.001Z", { asked: ["offsite", SOURCE] })).steps).toEqual([]);
  });

  it("planHeals() warns of what rows have shown, which no copy of an object heals", () => {
    const { steps, warnings } = plan(damage({ check: { ...damage().check, level: "spot" } }));
    expect([steps, warnings[0]]).toEqual([[], expect.stringContaining("which nothing heals")]);
  });

  it.each<[string, Partial<FoundDamage>]>([
    ["of another policy", { policy: "weekly" }],
    ["of another source", { source: "staging" }],
    ["that is none", { state: "interrupted" }],
  ])("planHeals() passes over a backup %s", (_, given) => {
    expect(plan(damage(given))).toEqual({ steps: [], warnings: [] });
  });
});

it.each([
  [[], "nobody is there who could have it"],
  [["nas"], "nas does not have it any more"],
  [["nas", SOURCE], "nas and the source prod do not have it any more"],
])("formatAsked() tells of %s", (asked, sentence) => {
  expect(formatAsked(asked)).toBe(sentence);
});
