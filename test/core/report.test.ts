import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EXIT_STATUS } from "../../src/core/errors.ts";
import type { ErrorCode } from "../../src/core/errors.ts";
import type { CollectionOutcome, StepStatus } from "../../src/core/events.ts";
import { formatName } from "../../src/core/collection-name.ts";
import type { Plan, Step } from "../../src/core/plan.ts";
import { makeReport } from "../../src/core/report.ts";
import type { ReportInput } from "../../src/core/report.ts";

const NAMES = ["default.a", "default.b", "shop.a"] as const;
type Name = (typeof NAMES)[number];

const name = (text: string) => {
  const [database = "", collection = ""] = text.split(".");
  return { database, name: collection };
};

function backupPlan(names: readonly string[] = NAMES): Plan {
  return {
    version: 1,
    action: "backup",
    backup: "b1",
    policy: "nightly",
    source: "prod",
    target: "nas",
    steps: [
      { kind: "begin-backup", id: "begin", why: "" },
      ...names.map((id): Step => ({ kind: "back-up-collection", id, why: "", collection: name(id), isNamed: false })),
      { kind: "commit-backup", id: "commit", why: "" },
    ],
    warnings: ["x.* matches no collection"],
  };
}

function restorePlan(from: string, to: string): Plan {
  const step: Step = {
    kind: "restore-collection",
    id: to,
    why: "",
    collectionId: "1",
    from: name(from),
    to: name(to),
    mode: "create",
    files: "copied",
    rows: 5,
    bytes: 8,
  };
  return { ...backupPlan(), action: "restore", steps: [step], warnings: [] };
}

function outcome(id: string, given: Partial<CollectionOutcome> = {}): CollectionOutcome {
  const counts = { rows: 5, segments: 1, objects: 2, bytes: 1024 };
  return { collection: name(id), state: "complete", ...counts, notes: [], ...given };
}

function failed(id: string, code: ErrorCode = "failed"): CollectionOutcome {
  return outcome(id, { state: "failed", rows: 0, bytes: 0, error: { code, message: `${id} failed` } });
}

const FAILED = "failed" as const;

/** Every step is done but those that failed; what did not begin is named. */
function input(plan: Plan, given: Partial<ReportInput> & { readonly notBegun?: readonly string[] } = {}): ReportInput {
  const { notBegun = [], failures = [], ...rest } = given;
  const began = plan.steps.filter(({ id }) => !notBegun.includes(id));
  const isFailed = (id: string): boolean => failures.some(({ step }) => step === id);
  return {
    plan,
    runId: "r1",
    startedAt: new Date("2026-11-24T02:00:00Z"),
    finishedAt: new Date("2026-11-24T02:00:05Z"),
    outcomes: NAMES.map((id) => outcome(id)),
    steps: new Map(began.map(({ id }): [string, StepStatus] => [id, isFailed(id) ? FAILED : "done"])),
    failures,
    ...rest,
  };
}

describe("makeReport()", () => {
  it("makeReport() has the collections in the order of the plan, whichever was done first", () => {
    const outcomes = [outcome("shop.a"), outcome("default.b"), outcome("default.a")];
    const { collections } = makeReport(input(backupPlan(), { outcomes }));
    expect(collections.map(({ collection }) => formatName(collection))).toEqual(NAMES);
  });

  it("makeReport() says complete when every step is done and every collection whole", () => {
    expect(makeReport(input(backupPlan()))).toEqual({
      version: 1,
      runId: "r1",
      action: "backup",
      backup: "b1",
      policy: "nightly",
      source: "prod",
      target: "nas",
      state: "complete",
      exitStatus: 0,
      startedAt: "2026-11-24T02:00:00.000Z",
      finishedAt: "2026-11-24T02:00:05.000Z",
      collections: NAMES.map((id) => outcome(id)),
      targets: [{ name: "nas", state: "complete", objects: 6, bytes: 3072 }],
      errors: [],
      warnings: ["x.* matches no collection"],
      summary: "Backup b1 is complete: 3 collections, 15 rows, 3.0 KiB",
    });
  });

  it("makeReport() lets a collection that was dropped meanwhile be missing", () => {
    const dropped = outcome("shop.a", { state: "dropped", rows: 0, bytes: 0 });
    const { state, exitStatus, summary } = makeReport(
      input(backupPlan(), { outcomes: [outcome("default.a"), outcome("default.b"), dropped] }),
    );
    expect([state, exitStatus, summary]).toEqual([
      "complete",
      0,
      "Backup b1 is complete: 2 of 3 collections, 10 rows, 2.0 KiB",
    ]);
  });

  it("makeReport() says partial, exit 3, when some collections are whole, whatever the others failed of", () => {
    const failures = [{ step: "default.b", code: "unreachable", message: "default.b failed" }] as const;
    const report = makeReport(
      input(backupPlan(), { outcomes: [outcome("default.a"), failed("default.b"), outcome("shop.a")], failures }),
    );
    expect([report.state, report.exitStatus, report.errors]).toEqual(["partial", 3, []]);
  });

  it.each(["damaged", "bug"] as const)("makeReport() lets %s show through a partial backup", (code) => {
    const failures = [{ step: "default.b", code, message: "no" }];
    const outcomes = [outcome("default.a"), failed("default.b", code), outcome("shop.a")];
    const report = makeReport(input(backupPlan(), { outcomes, failures }));
    expect([report.state, report.exitStatus]).toEqual(["partial", EXIT_STATUS[code]]);
  });

  it("makeReport() says failed when the commit fails, though every collection is whole", () => {
    const failures = [{ step: "commit", code: "denied", message: "no", hint: "ask" }] as const;
    const report = makeReport(input(backupPlan(), { failures }));
    expect([report.state, report.exitStatus, report.errors]).toEqual([
      "failed",
      12,
      [{ code: "denied", message: "no", hint: "ask" }],
    ]);
  });

  it("makeReport() says failed when no collection is whole, with the worst that they failed of", () => {
    const failures = [
      { step: "default.a", code: "unreachable", message: "" },
      { step: "default.b", code: "denied", message: "" },
    ] as const;
    const plan = { ...backupPlan(["default.a", "default.b"]) };
    const outcomes = [failed("default.a"), failed("default.b")];
    const { state, exitStatus } = makeReport(input(plan, { outcomes, failures, notBegun: ["commit"] }));
    expect([state, exitStatus]).toEqual(["failed", 14]);
  });

  it("makeReport() accounts for collections that were never begun", () => {
    const failures = [{ step: "begin", code: "refused", message: "There is a backup b1 already" }] as const;
    const report = makeReport(input(backupPlan(), { outcomes: [], failures, notBegun: [...NAMES, "commit"] }));
    expect([report.state, report.exitStatus]).toEqual(["failed", 15]);
    expect(report.collections).toEqual(
      NAMES.map((id) =>
        outcome(id, {
          state: "missing",
          rows: 0,
          segments: 0,
          objects: 0,
          bytes: 0,
          error: { code: "failed", message: "an earlier step failed" },
        }),
      ),
    );
  });

  it("makeReport() does not call complete what has a step that did not begin, whatever the reason", () => {
    const { state, exitStatus } = makeReport(input(backupPlan(), { notBegun: ["commit"] }));
    expect([state, exitStatus]).toEqual(["partial", 3]);
  });

  it.each([
    ["interrupted", 130],
    ["terminated", 143],
  ] as const)("makeReport() says interrupted when it was %s before its end", (stoppedBy, exitStatus) => {
    const report = makeReport(
      input(backupPlan(), { stoppedBy, outcomes: [outcome("default.a")], notBegun: ["default.b", "shop.a", "commit"] }),
    );
    expect([report.state, report.exitStatus]).toEqual(["interrupted", exitStatus]);
    expect(report.collections.map(({ state, error }) => [state, error?.message])).toEqual([
      ["complete", undefined],
      ["missing", "the run was stopped before it was done"],
      ["missing", "the run was stopped before it was done"],
    ]);
  });

  it("makeReport() says complete when the signal came after the last step", () => {
    const { state, exitStatus } = makeReport(input(backupPlan(), { stoppedBy: "interrupted" }));
    expect([state, exitStatus]).toEqual(["complete", 0]);
  });

  it("makeReport() counts as missing what the restored backup lacks", () => {
    const plan = restorePlan("default.a", "default.a_2");
    const missing = [{ name: name("default.b"), reason: "it timed out" }];
    const whole = outcome("default.a", { restoredTo: name("default.a_2"), rowsFound: 5 });
    const report = makeReport(input(plan, { outcomes: [whole], missing }));
    expect([report.state, report.exitStatus, report.summary]).toEqual([
      "partial",
      3,
      "Restore of b1 is partial: 1 of 2 collections, 5 rows, 1.0 KiB",
    ]);
    expect(report.collections[1]?.error?.message).toBe("it is not in the backup: it timed out");
  });

  it("makeReport() says failed, exit 1, when the backup lacks all that was asked for", () => {
    const plan = { ...restorePlan("default.a", "default.a"), steps: [] };
    const missing = [{ name: name("default.b"), reason: "it timed out" }];
    const { state, exitStatus } = makeReport(input(plan, { outcomes: [], missing }));
    expect([state, exitStatus]).toEqual(["failed", 1]);
  });

  it("makeReport() knows a renamed collection by its new name, also when it said nothing", () => {
    const plan = restorePlan("default.a", "default.z");
    const failures = [{ step: "default.z", code: "damaged", message: "no meta" }] as const;
    const { collections } = makeReport(input(plan, { outcomes: [], failures }));
    expect(collections.map(({ collection, restoredTo }) => [collection, restoredTo])).toEqual([
      [name("default.a"), name("default.z")],
    ]);
  });

  it.each([
    [[], "b1 is deleted"],
    [[{ step: "b1", code: "denied", message: "no" }] as const, "b1 could not be deleted"],
  ])("makeReport() sums up a deletion in words of its own", (failures, summary) => {
    const steps = [{ kind: "delete-backup", id: "b1", why: "", backup: "b1" }] as const;
    const report = makeReport(input({ ...backupPlan(), action: "delete", steps }, { outcomes: [], failures }));
    expect(report.summary).toBe(summary);
  });
});

/** A plan that copies the backup from nas to each of these. */
function copyPlan(...further: readonly string[]): Plan {
  const copies = further.map((target): Step => ({ kind: "copy-backup", id: `copy to ${target}`, why: "", target }));
  return { ...backupPlan(), steps: [...backupPlan().steps, ...copies] };
}

const NAS = { name: "nas", state: "complete", objects: 6, bytes: 3072 } as const;
const COPIED = { name: "offsite", state: "complete", objects: 6, bytes: 3072 } as const;

describe("makeReport() of several targets", () => {
  it("makeReport() says complete when every target has it, and names them", () => {
    const report = makeReport(input(copyPlan("offsite"), { targets: [COPIED] }));
    expect([report.state, report.exitStatus, report.targets, report.summary]).toEqual([
      "complete",
      0,
      [NAS, COPIED],
      "Backup b1 is complete in nas and offsite: 3 collections, 15 rows, 3.0 KiB",
    ]);
  });

  it.each([
    ["unreachable", 3],
    ["refused", 3],
    ["damaged", 4],
  ] as const)("makeReport() says partial when a copy failed that was %s: exit %i", (code, exitStatus) => {
    const error = { code, message: "no" };
    const lost = { name: "offsite", state: "failed", objects: 0, bytes: 0, error } as const;
    const failures = [{ step: "copy to offsite", ...error }];
    const lab = { ...COPIED, name: "lab" };
    const report = makeReport(input(copyPlan("offsite", "lab"), { failures, targets: [lab, lost] }));
    expect([report.state, report.exitStatus, report.targets, report.errors, report.summary]).toEqual([
      "partial",
      exitStatus,
      [NAS, lost, lab],
      [],
      "Backup b1 is complete in nas and lab, failed in offsite: 3 collections, 15 rows, 3.0 KiB",
    ]);
  });

  it("makeReport() has no copy of what was not committed", () => {
    const failures = [{ step: "commit", code: "denied", message: "no", hint: "ask" }] as const;
    const report = makeReport(input(copyPlan("offsite"), { failures, notBegun: ["copy to offsite"] }));
    const nothing = { objects: 0, bytes: 0 };
    expect([report.state, report.exitStatus, report.targets]).toEqual([
      "failed",
      12,
      [
        { name: "nas", state: "failed", ...nothing, error: { code: "denied", message: "no", hint: "ask" } },
        {
          name: "offsite",
          state: "failed",
          ...nothing,
          error: { code: "failed", message: "there is nothing to copy from nas" },
        },
      ],
    ]);
  });

  it("makeReport() says interrupted of copies that were not begun, and complete of what was committed before", () => {
    const report = makeReport(input(copyPlan("offsite"), { stoppedBy: "interrupted", notBegun: ["copy to offsite"] }));
    expect([report.state, report.exitStatus, report.summary]).toEqual([
      "interrupted",
      130,
      "Backup b1 is complete in nas, interrupted in offsite: 3 collections, 15 rows, 3.0 KiB",
    ]);
    expect(report.targets?.[1]?.error?.message).toBe("the run was stopped before it was copied");
  });

  it("makeReport() of a partial backup is partial in every target that has it", () => {
    const failures = [{ step: "default.b", code: "unreachable", message: "no" }] as const;
    const outcomes = [outcome("default.a"), failed("default.b"), outcome("shop.a")];
    const targets = [{ ...COPIED, state: "partial", objects: 4, bytes: 2048 } as const];
    const report = makeReport(input(copyPlan("offsite"), { outcomes, failures, targets }));
    expect([report.state, report.exitStatus, report.targets?.map(({ state }) => state)]).toEqual([
      "partial",
      3,
      ["partial", "partial"],
    ]);
  });
});

/** What may become of one collection, and of the steps around it. */
const fate = fc.constantFrom("complete", "dropped", "failed", "silent");

it("makeReport() names every collection of the plan once, and says success only when none is left out", () => {
  const names = fc.uniqueArray(fc.constantFrom<Name>(...NAMES), { minLength: 1 });
  const stop = fc.option(fc.constantFrom("interrupted" as const, "terminated" as const), { nil: undefined });
  const code = fc.constantFrom<ErrorCode>("failed", "denied", "damaged", "unreachable", "bug", "refused");
  fc.assert(
    fc.property(names, fc.array(fate, { minLength: 3, maxLength: 3 }), stop, code, fc.boolean(), (...given) => {
      const [ids, fates, stoppedBy, why, isCommitted] = given;
      const of = (wanted: string): readonly Name[] => ids.filter((_, index) => fates[index] === wanted);
      const outcomes = [
        ...[...of("complete"), ...of("dropped")].map((id) =>
          outcome(id, of("dropped").includes(id) ? { state: "dropped" } : {}),
        ),
        ...of("failed").map((id) => failed(id, why)),
      ];
      const failures = of("failed").map((step) => ({ step, code: why, message: "" }));
      const notBegun = [...of("silent"), ...(isCommitted ? [] : ["commit"])];
      const report = makeReport(input(backupPlan(ids), { outcomes, failures, notBegun, stoppedBy }));
      expect(report.collections.map(({ collection }) => formatName(collection)).toSorted()).toEqual(ids.toSorted());
      const isAll = of("failed").length + of("silent").length === 0 && isCommitted;
      expect(report.exitStatus === 0).toBe(isAll);
      expect(report.state === "complete").toBe(isAll);
      if (!isAll && stoppedBy !== undefined) expect(report.exitStatus).toBe(EXIT_STATUS[stoppedBy]);
    }),
  );
});
