import { z } from "zod";
import { CHECK_LEVELS } from "../core/check-level.ts";
import type { CheckPart } from "../core/check-level.ts";
import type { CollectionName } from "../core/collection-name.ts";
import type { Plan } from "../core/plan.ts";
import type { Same } from "../core/same.ts";

const collectionName = z.strictObject({ database: z.string(), name: z.string() });
export const collectionNameSchema: z.ZodType<CollectionName, CollectionName> = collectionName satisfies Same<
  typeof collectionName,
  CollectionName,
  CollectionName
>;

const part = z.strictObject({ number: z.number(), of: z.number() });
export const partSchema: z.ZodType<CheckPart, CheckPart> = part satisfies Same<typeof part, CheckPart, CheckPart>;

const estimate = z.strictObject({ rows: z.number(), bytes: z.number(), requests: z.number() });

const selection = z.strictObject({
  patterns: z.array(z.strictObject({ kind: z.enum(["include", "exclude"]), pattern: z.string(), matches: z.number() })),
  leftOut: z.array(z.strictObject({ collection: collectionNameSchema, why: z.string() })),
});

const hook = z.strictObject({
  name: z.string(),
  scope: z.enum(["run", "source", "target", "action", "collection"]),
  on: z.enum(["before", "after", "finally"]),
  use: z.string(),
  why: z.string(),
});

const gc = z.strictObject({ mode: z.enum(["require", "prefer"]), pauses: z.boolean(), why: z.string() });

const schedule = z.strictObject({
  cron: z.string(),
  timezone: z.string(),
  overlap: z.enum(["skip", "queue", "fail"]),
  next: z.iso.datetime(),
});

const base = { id: z.string(), why: z.string() };

const plan = z.strictObject({
  version: z.literal(1),
  action: z.enum(["backup", "copy", "restore", "verify", "delete", "prune", "gc"]),
  backup: z.string(),
  policy: z.string().optional(),
  source: z.string().optional(),
  target: z.string(),
  steps: z.array(
    z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("begin-backup"), ...base }),
      z.strictObject({
        kind: z.literal("back-up-collection"),
        ...base,
        collection: collectionNameSchema,
        collectionId: z.string().optional(),
        isNamed: z.boolean(),
        partitions: z.array(z.string()).optional(),
        schema: z.string().optional(),
        estimate: estimate.optional(),
      }),
      z.strictObject({ kind: z.literal("commit-backup"), ...base }),
      z.strictObject({
        kind: z.literal("catch-up"),
        ...base,
        backup: z.string(),
        from: z.string(),
        target: z.string(),
      }),
      z.strictObject({ kind: z.literal("copy-backup"), ...base, target: z.string(), estimate: estimate.optional() }),
      z.strictObject({ kind: z.literal("create-database"), ...base, database: z.string(), like: z.string() }),
      z.strictObject({
        kind: z.literal("restore-collection"),
        ...base,
        collectionId: z.string(),
        from: collectionNameSchema,
        to: collectionNameSchema,
        mode: z.enum(["create", "replace", "append"]),
        files: z.enum(["in-place", "copied"]),
        rows: z.number(),
        bytes: z.number(),
      }),
      z.strictObject({
        kind: z.literal("check"),
        ...base,
        backup: z.string(),
        target: z.string(),
        level: z.enum(CHECK_LEVELS),
        part: partSchema.optional(),
        source: z.string().optional(),
        database: z.string().optional(),
        repair: z.literal(true).optional(),
      }),
      z.strictObject({ kind: z.literal("prune"), ...base, target: z.string() }),
      z.strictObject({
        kind: z.literal("collect-garbage"),
        ...base,
        place: z.string(),
        source: z.string().optional(),
        objects: z.number(),
        bytes: z.number(),
      }),
      z.strictObject({ kind: z.literal("delete-backup"), ...base, backup: z.string() }),
    ]),
  ),
  selection: selection.optional(),
  estimate: estimate.optional(),
  hooks: z.array(hook).optional(),
  gc: gc.optional(),
  schedule: schedule.optional(),
  warnings: z.array(z.string()),
});
export const planSchema: z.ZodType<Plan, Plan> = plan satisfies Same<typeof plan, Plan, Plan>;
