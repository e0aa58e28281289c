import { z } from "zod";
import type { Consistency, LimitsConfig, PolicyConfig, Selection, Target } from "../../core/contracts/config.ts";
import type { HookConfig } from "../../core/contracts/hooks.ts";
import { hookSchema } from "./hook.ts";
import type { Same } from "./same.ts";
import { countSchema as count, patternSchema as pattern, prefixSchema, textSchema as text } from "./words.ts";

/** A policy with its defaults. */
export interface ParsedPolicy {
  readonly source: string;
  readonly targets: readonly Target[];
  readonly select: Selection;
  readonly consistency: Consistency;
  readonly limits: LimitsConfig;
  readonly hooks: readonly HookConfig[];
}

const policy = z.strictObject({
  source: text,
  targets: z
    .array(z.strictObject({ storage: text, prefix: prefixSchema.default("") }))
    .min(1, 'expected a target: { storage: "name" }')
    .max(1, "this version writes one target a policy; further targets come in a later one"),
  select: z
    .strictObject({
      include: z.array(pattern).min(1, "expected a pattern, or no include at all").default(["*.*"]),
      exclude: z.array(pattern).default([]),
    })
    .prefault({}),
  consistency: z.enum(["flush", "skip-flush", "meta-only"]).default("flush"),
  limits: z
    .strictObject({ collections: count.optional(), objects: count.optional(), imports: count.optional() })
    .default({}),
  hooks: z.array(hookSchema).default([]),
});
export const policySchema: z.ZodType<ParsedPolicy, PolicyConfig> = policy satisfies Same<
  typeof policy,
  ParsedPolicy,
  PolicyConfig
>;
