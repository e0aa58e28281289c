import { expect, it } from "vitest";
import { findPlanChanges, findTargetChanges } from "../../src/core/plan-changes.ts";

const one = (id: string, collectionId?: string, schema = "s") => ({ id, collectionId, schema });

it("findPlanChanges() finds none when the same is planned in another order", () => {
  const planned = [one("default.a", "1"), one("default.b", "2"), one("default.gone")];
  expect(findPlanChanges(planned, planned.toReversed())).toEqual([]);
});

it("findPlanChanges() says of each collection what has changed", () => {
  const planned = [
    one("default.dropped", "1"),
    one("default.old_name", "2"),
    one("default.anew", "3"),
    one("default.wider", "4"),
    one("default.missing"),
    one("default.named", "6"),
  ];
  const now = [
    one("default.new_name", "2"),
    one("default.anew", "30"),
    one("default.wider", "4", "other"),
    one("default.missing", "5"),
    one("default.named"),
    one("default.fresh", "7"),
  ];
  expect(findPlanChanges(planned, now)).toEqual([
    "- default.dropped is gone, or no longer selected",
    "~ default.old_name is called default.new_name now",
    "~ default.anew was dropped and made anew: it is collection 30, not 3",
    "~ default.wider has another schema",
    "+ default.missing was missing, and is there",
    "- default.named is gone",
    "+ default.fresh is new and selected",
  ]);
});

it("findPlanChanges() takes two collections that changed names for what they are", () => {
  expect(
    findPlanChanges([one("default.a", "1"), one("default.b", "2")], [one("default.a", "2"), one("default.b", "1")]),
  ).toEqual([
    "~ default.a was dropped and made anew: it is collection 2, not 1",
    "~ default.b was dropped and made anew: it is collection 1, not 2",
  ]);
});

it("findTargetChanges() says which target is written in place of another, which came and which went", () => {
  const planned = { target: "nas", copies: ["offsite", "tape"] };
  expect(findTargetChanges(planned, { target: "nas", copies: ["tape", "offsite"] })).toEqual([]);
  expect(findTargetChanges(planned, { target: "offsite", copies: ["nas", "lab"] })).toEqual([
    "~ offsite is written first, not nas",
    "- tape is no target any more",
    "+ lab is a new target",
  ]);
});
