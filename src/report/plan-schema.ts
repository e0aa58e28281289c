import { z } from "zod";
import type { CollectionName } from "../core/collection-name.ts";
import type { Plan } from "../core/plan.ts";
import type { Same } from "../core/same.ts";

const collectionName = z.strictObject({ database: z.string(), name: z.string() });
export const collectionNameSchema: z.ZodType<CollectionName, CollectionName> = collectionName satisfies Same<
  typeof collectionName,
  CollectionName,
  CollectionName
>;

const base = { id: z.string(), why: z.string() };

const plan = z.strictObject({
  version: z.literal(1),
  action: z.enum(["backup", "restore", "delete"]),
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
      }),
      z.strictObject({ kind: z.literal("commit-backup"), ...base }),
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
      z.strictObject({ kind: z.literal("delete-backup"), ...base, backup: z.string() }),
    ]),
  ),
  warnings: z.array(z.string()),
});
export const planSchema: z.ZodType<Plan, Plan> = plan satisfies Same<typeof plan, Plan, Plan>;
