import { z } from "zod";
import type { Damage } from "../core/check-outcome.ts";
import type { Same } from "../core/same.ts";
import { collectionNameSchema } from "./plan-schema.ts";

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
