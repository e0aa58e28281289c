import { expect, it } from "vitest";
import { describePassedOver, planCopies, withCopies } from "../../src/core/copy-steps.ts";

const ESTIMATE = { rows: 5, bytes: 2048, requests: 24 };
const TARGETS = [{ name: "nas", passedOver: "it is full" }, { name: "lab" }];

it("planCopies() has a step for each further target, and says which of them is tried once more", () => {
  expect(planCopies(TARGETS, { from: "offsite", estimate: ESTIMATE })).toEqual([
    {
      kind: "copy-backup",
      id: "copy to nas",
      why: "tried again, since it could not be written; copied from offsite once it is committed there; about 2.0 KiB",
      target: "nas",
      estimate: ESTIMATE,
    },
    {
      kind: "copy-backup",
      id: "copy to lab",
      why: "a further target of the policy; copied from offsite once it is committed there; about 2.0 KiB",
      target: "lab",
      estimate: ESTIMATE,
    },
  ]);
});

it("planCopies() estimates nothing when nobody asked the source", () => {
  expect(planCopies([{ name: "lab" }], { from: "nas", estimate: undefined })).toEqual([
    {
      kind: "copy-backup",
      id: "copy to lab",
      why: "a further target of the policy; copied from nas once it is committed there",
      target: "lab",
    },
  ]);
});

it("withCopies() counts bytes and requests once more for each copy, and rows once", () => {
  expect([withCopies(ESTIMATE, 0), withCopies(ESTIMATE, 2)]).toEqual([
    ESTIMATE,
    { rows: 5, bytes: 6144, requests: 72 },
  ]);
});

it("describePassedOver() names each target whose turn it was, and why", () => {
  expect(describePassedOver(TARGETS, "offsite")).toEqual(["written to offsite, since nas could not be: it is full"]);
});
