import { expect, expectTypeOf, it } from "vitest";
import {
  BackupError,
  createBackup,
  deleteBackup,
  EXIT_STATUS,
  getBackup,
  isBackupError,
  listBackups,
  restoreBackup,
  runPolicy,
} from "../../src/index.ts";
import type {
  BackupDetails,
  BackupEvent,
  CollectionOutcome,
  CreateBackupOptions,
  DeleteBackupOptions,
  ExitStatus,
  GetBackupOptions,
  ListBackupsOptions,
  ListedBackup,
  Plan,
  RestoreBackupOptions,
  RunPolicyOptions,
  RunReport,
  StepKind,
  StepStatus,
} from "../../src/index.ts";

it("a call gives a report, and with dryRun a plan", () => {
  expectTypeOf(() => runPolicy({ policy: "nightly" })).returns.resolves.toEqualTypeOf<RunReport>();
  expectTypeOf(() => runPolicy({ policy: "nightly", dryRun: false })).returns.resolves.toEqualTypeOf<RunReport>();
  expectTypeOf(() => runPolicy({ policy: "nightly", dryRun: true })).returns.resolves.toEqualTypeOf<Plan>();
  expectTypeOf(() => createBackup({})).returns.resolves.toEqualTypeOf<RunReport>();
  expectTypeOf(() => createBackup({ dryRun: true })).returns.resolves.toEqualTypeOf<Plan>();
  expectTypeOf(() => restoreBackup({ backup: "b1" })).returns.resolves.toEqualTypeOf<RunReport>();
  expectTypeOf(() => restoreBackup({ backup: "b1", dryRun: true })).returns.resolves.toEqualTypeOf<Plan>();
  expectTypeOf(() => deleteBackup({ backup: "b1" })).returns.resolves.toEqualTypeOf<RunReport>();
  expectTypeOf(() => deleteBackup({ backup: "b1", dryRun: true })).returns.resolves.toEqualTypeOf<Plan>();
  expectTypeOf(() => listBackups()).returns.resolves.toEqualTypeOf<readonly ListedBackup[]>();
  expectTypeOf(() => getBackup({ backup: "b1", rows: true })).returns.resolves.toEqualTypeOf<BackupDetails>();
});

it("the compiler finds what does not belong into a call", () => {
  // @ts-expect-error: without a policy
  expectTypeOf(() => runPolicy({}));
  // @ts-expect-error: without the backup's name
  expectTypeOf(() => restoreBackup({ suffix: "_new" }));
  // @ts-expect-error: a flag's name in place of the library's
  expectTypeOf(() => restoreBackup({ backup: "b1", "on-conflict": "skip" }));
  // @ts-expect-error: an unknown choice
  expectTypeOf(() => restoreBackup({ backup: "b1", onConflict: "overwrite" }));
  // @ts-expect-error: not of every call
  expectTypeOf(() => deleteBackup({ backup: "b1", include: ["a"] }));
  expectTypeOf<RestoreBackupOptions["index"]>().toEqualTypeOf<"same" | "auto" | "none" | undefined>();
});

it("events are of these types, with these facts, and each has its time and its run", () => {
  type Of<Type extends BackupEvent["type"]> = Omit<
    Extract<BackupEvent, { readonly type: Type }>,
    "at" | "runId" | "type"
  >;
  expectTypeOf<BackupEvent["type"]>().toEqualTypeOf<
    | "run.started"
    | "plan.made"
    | "step.started"
    | "step.progress"
    | "step.finished"
    | "collection.finished"
    | "backup.committed"
    | "hook.finished"
    | "target.finished"
    | "gc.changed"
    | "notice"
    | "check.finished"
    | "prune.decided"
    | "garbage.decided"
    | "garbage.deleted"
    | "backup.deleted"
    | "run.finished"
  >();
  expectTypeOf<Pick<BackupEvent, "at" | "runId">>().toEqualTypeOf<{ readonly at: string; readonly runId: string }>();
  expectTypeOf<Of<"run.started">>().toEqualTypeOf<{ readonly version: 1; readonly action: Plan["action"] }>();
  expectTypeOf<Of<"plan.made">>().toEqualTypeOf<{ readonly plan: Plan }>();
  expectTypeOf<Of<"step.started">>().toEqualTypeOf<{ readonly step: string; readonly kind: StepKind }>();
  expectTypeOf<Of<"step.progress">["unit"]>().toEqualTypeOf<"bytes" | "rows" | "objects">();
  expectTypeOf<Of<"step.finished">["status"]>().toEqualTypeOf<StepStatus>();
  expectTypeOf<Of<"collection.finished">>().toEqualTypeOf<Omit<CollectionOutcome, never>>();
  expectTypeOf<Of<"backup.committed">>().toEqualTypeOf<{
    readonly backup: string;
    readonly state: "complete" | "partial";
  }>();
  expectTypeOf<Of<"run.finished">["exitStatus"]>().toEqualTypeOf<ExitStatus>();
});

it("a listener is given events, and nothing is asked of what it gives back", () => {
  expectTypeOf<Parameters<NonNullable<RunPolicyOptions["onEvent"]>>>().toEqualTypeOf<[event: BackupEvent]>();
  expectTypeOf<(event: BackupEvent) => void>().toExtend<RestoreBackupOptions["onEvent"]>();
  // @ts-expect-error: reading tells no events
  expectTypeOf(() => listBackups({ onEvent: () => undefined }));
});

it("every call takes a signal", () => {
  type Options =
    | RunPolicyOptions
    | CreateBackupOptions
    | RestoreBackupOptions
    | ListBackupsOptions
    | GetBackupOptions
    | DeleteBackupOptions;
  expectTypeOf<Options["signal"]>().toEqualTypeOf<AbortSignal | undefined>();
});

it("events are told apart by their type, and errors by their code", () => {
  const rowsOf = (event: BackupEvent): number => (event.type === "collection.finished" ? event.rows : 0);
  const stamp = { at: "2026-11-24T02:00:00.000Z", runId: "r1" };
  expect(rowsOf({ ...stamp, type: "notice", message: "" })).toBe(0);
  const error: unknown = new BackupError("locked", "It is being made", { hint: "wait" });
  expect(isBackupError(error) && EXIT_STATUS[error.code]).toBe(11);
});
