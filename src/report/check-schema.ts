import { z } from "zod";
import { CHECK_LEVELS } from "../core/check-level.ts";
import type { CheckOutcome, Damage } from "../core/check-outcome.ts";
import type { Same } from "../core/same.ts";
import { collectionNameSchema, partSchema } from "./plan-schema.ts";

const damage = z.strictObject({
  kind: z.enum(["unreadable", "missing", "extra", "resized", "changed", "different"]),
  collection: collectionNameSchema.optional(),
  partition: z.string().optional(),
  segment: z.string().optional(),
  key: z.string().optional(),
  expected: z.string().optional(),
  found: z.string().optional(),
  message: z.string(),
  healedFrom: z.string().optional(),
});
export const damageSchema: z.ZodType<Damage, Damage> = damage satisfies Same<typeof damage, Damage, Damage>;

/** The members of a check's outcome: they stand in its event as well. */
export const checkShape = {
  backup: z.string(),
  target: z.string(),
  level: z.enum(CHECK_LEVELS),
  part: partSchema.optional(),
  verdict: z.enum(["ok", "damaged"]),
  collections: z.number(),
  objects: z.number(),
  bytes: z.number(),
  damage: z.array(damageSchema),
  damageFound: z.number(),
  unproven: z.array(z.string()),
  notes: z.array(z.string()),
};
const check = z.strictObject(checkShape);
export const checkSchema: z.ZodType<CheckOutcome, CheckOutcome> = check satisfies Same<
  typeof check,
  CheckOutcome,
  CheckOutcome
>;
