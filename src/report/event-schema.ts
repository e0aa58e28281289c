import { z } from "zod";
import { CHECK_LEVELS } from "../core/check-level.ts";
import type { CheckOutcome } from "../core/check-outcome.ts";
import { EXIT_STATUS } from "../core/errors.ts";
import type { ErrorCode, ExitStatus } from "../core/errors.ts";
import type { BackupEvent, CollectionOutcome, EventError, TargetOutcome } from "../core/events.ts";
import type { GarbageOutcome } from "../core/gc-plan.ts";
import type { PruneOutcome } from "../core/prune-plan.ts";
import type { Same } from "../core/same.ts";
import { damageSchema } from "./damage-schema.ts";
import { collectionNameSchema, partSchema, planSchema } from "./plan-schema.ts";

const codes = Object.keys(EXIT_STATUS) as ErrorCode[]; // its keys are the codes

const error = z.strictObject({ code: z.enum(codes), message: z.string(), hint: z.string().optional() });
export const errorSchema: z.ZodType<EventError, EventError> = error satisfies Same<
  typeof error,
  EventError,
  EventError
>;

export const exitStatusSchema: z.ZodType<ExitStatus, ExitStatus> = z.literal([0, ...Object.values(EXIT_STATUS)]);

const outcomeShape = {
  collection: collectionNameSchema,
  restoredTo: collectionNameSchema.optional(),
  state: z.enum(["complete", "failed", "missing", "dropped"]),
  rows: z.number(),
  rowsFound: z.number().optional(),
  segments: z.number(),
  objects: z.number(),
  bytes: z.number(),
  error: errorSchema.optional(),
  notes: z.array(z.string()),
};
const outcome = z.strictObject(outcomeShape);
export const outcomeSchema: z.ZodType<CollectionOutcome, CollectionOutcome> = outcome satisfies Same<
  typeof outcome,
  CollectionOutcome,
  CollectionOutcome
>;

const targetShape = {
  name: z.string(),
  state: z.enum(["complete", "partial", "failed", "interrupted"]),
  objects: z.number(),
  bytes: z.number(),
  error: errorSchema.optional(),
};
const target = z.strictObject(targetShape);
export const targetSchema: z.ZodType<TargetOutcome, TargetOutcome> = target satisfies Same<
  typeof target,
  TargetOutcome,
  TargetOutcome
>;

const checkShape = {
  backup: z.string(),
  target: z.string(),
  level: z.enum(CHECK_LEVELS),
  part: partSchema.optional(),
  verdict: z.enum(["ok", "damaged"]),
  proven: z.enum(CHECK_LEVELS).optional(),
  isSealed: z.literal(true).optional(),
  collections: z.number(),
  objects: z.number(),
  bytes: z.number(),
  damage: z.array(damageSchema),
  damageFound: z.number(),
  asked: z.array(z.string()).optional(),
  unproven: z.array(z.string()),
  notes: z.array(z.string()),
};
const check = z.strictObject(checkShape);
export const checkSchema: z.ZodType<CheckOutcome, CheckOutcome> = check satisfies Same<
  typeof check,
  CheckOutcome,
  CheckOutcome
>;

const pruneShape = {
  policy: z.string(),
  target: z.string(),
  allowed: z.number(),
  verdicts: z.array(
    z.strictObject({ name: z.string(), verdict: z.enum(["keep", "prune"]), reasons: z.array(z.string()) }),
  ),
};
const prune = z.strictObject({ ...pruneShape, deleted: z.array(z.string()) });
export const pruneSchema: z.ZodType<PruneOutcome, PruneOutcome> = prune satisfies Same<
  typeof prune,
  PruneOutcome,
  PruneOutcome
>;

const garbageShape = {
  target: z.string(),
  groups: z.array(
    z.strictObject({
      kind: z.enum(["stray", "run", "restore", "temporary", "intent", "lock", "pause", "upload", "check", "pin"]),
      place: z.string(),
      source: z.string().optional(),
      why: z.string(),
      objects: z.number(),
      bytes: z.number(),
      state: z.enum(["due", "waiting"]),
      since: z.string(),
    }),
  ),
  unfinished: z.array(z.string()),
  foreign: z.array(z.string()),
  left: z.array(z.strictObject({ place: z.string(), why: z.string() })),
};
const garbage = z.strictObject({
  ...garbageShape,
  deleted: z.strictObject({ objects: z.number(), bytes: z.number() }),
});
export const garbageSchema: z.ZodType<GarbageOutcome, GarbageOutcome> = garbage satisfies Same<
  typeof garbage,
  GarbageOutcome,
  GarbageOutcome
>;

const stamp = { at: z.iso.datetime(), runId: z.string() };

const event = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("run.started"),
    ...stamp,
    version: z.literal(1),
    action: z.enum(["backup", "copy", "restore", "verify", "delete", "prune", "gc"]),
  }),
  z.strictObject({ type: z.literal("plan.made"), ...stamp, plan: planSchema }),
  z.strictObject({
    type: z.literal("step.started"),
    ...stamp,
    step: z.string(),
    kind: z.enum([
      "begin-backup",
      "back-up-collection",
      "commit-backup",
      "catch-up",
      "copy-backup",
      "create-database",
      "restore-collection",
      "check",
      "prune",
      "collect-garbage",
      "delete-backup",
    ]),
  }),
  z.strictObject({
    type: z.literal("step.progress"),
    ...stamp,
    step: z.string(),
    phase: z.string(),
    done: z.number(),
    total: z.number(),
    unit: z.enum(["bytes", "rows", "objects"]),
  }),
  z.strictObject({
    type: z.literal("step.finished"),
    ...stamp,
    step: z.string(),
    status: z.enum(["done", "failed"]),
    ms: z.number(),
    error: errorSchema.optional(),
  }),
  z.strictObject({ type: z.literal("collection.finished"), ...stamp, ...outcomeShape }),
  z.strictObject({
    type: z.literal("hook.finished"),
    ...stamp,
    name: z.string(),
    scope: z.enum(["run", "source", "target", "action", "collection"]),
    on: z.enum(["before", "after", "finally"]),
    collection: collectionNameSchema.optional(),
    state: z.enum(["done", "skipped", "failed"]),
    onError: z.enum(["fail", "warn", "skip"]),
    attempts: z.number(),
    ms: z.number(),
    output: z.string().optional(),
    error: errorSchema.optional(),
  }),
  z.strictObject({
    type: z.literal("gc.changed"),
    ...stamp,
    state: z.enum(["paused", "not-paused", "lapsed", "released", "left"]),
    until: z.iso.datetime().optional(),
    reason: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("notice"), ...stamp, message: z.string() }),
  z.strictObject({
    type: z.literal("backup.committed"),
    ...stamp,
    backup: z.string(),
    state: z.enum(["complete", "partial"]),
  }),
  z.strictObject({ type: z.literal("target.finished"), ...stamp, ...targetShape }),
  z.strictObject({ type: z.literal("check.finished"), ...stamp, ...checkShape }),
  z.strictObject({ type: z.literal("prune.decided"), ...stamp, ...pruneShape }),
  z.strictObject({
    type: z.literal("backup.deleted"),
    ...stamp,
    backup: z.string(),
    target: z.string(),
    objects: z.number(),
  }),
  z.strictObject({ type: z.literal("garbage.decided"), ...stamp, ...garbageShape }),
  z.strictObject({
    type: z.literal("garbage.deleted"),
    ...stamp,
    target: z.string(),
    place: z.string(),
    source: z.string().optional(),
    objects: z.number(),
    bytes: z.number(),
  }),
  z.strictObject({
    type: z.literal("run.finished"),
    ...stamp,
    exitStatus: exitStatusSchema,
    summary: z.string(),
  }),
]);
export const eventSchema: z.ZodType<BackupEvent, BackupEvent> = event satisfies Same<
  typeof event,
  BackupEvent,
  BackupEvent
>;
