import { z } from "zod";
import type { CheckConfig } from "../../core/contracts/checks.ts";
import type { Consistency, GcMode, PolicyConfig } from "../../core/contracts/policy.ts";
import type { LimitsConfig } from "../../core/contracts/limits.ts";
import type { RetentionConfig } from "../../core/contracts/retention.ts";
import type { Selection } from "../../core/contracts/selection.ts";
import type { EncryptionConfig, Target } from "../../core/contracts/target.ts";
import type { HookConfig } from "../../core/contracts/hooks.ts";
import type { ScheduleConfig } from "../../core/contracts/schedule.ts";
import type { Same } from "../../core/same.ts";
import { checkSchema } from "./check.ts";
import { extendsSchema } from "./extends.ts";
import { hookSchema } from "./hook.ts";
import { someLimitsSchema } from "./limits.ts";
import { retentionSchema } from "./retention.ts";
import { scheduleSchema } from "./schedule.ts";
import { selectSchema } from "./select.ts";
import { prefixSchema, textSchema as text } from "./words.ts";

/** A policy with its defaults. */
export interface ParsedPolicy extends Pick<PolicyConfig, "extends"> {
  readonly source: string;
  readonly targets: readonly Target[];
  readonly retention?: RetentionConfig | undefined;
  readonly schedule?: ScheduleConfig | undefined;
  readonly select: Selection;
  readonly consistency: Consistency;
  readonly gc?: GcMode | undefined;
  readonly limits: LimitsConfig;
  readonly hooks: readonly HookConfig[];
  readonly checks: readonly CheckConfig[];
  readonly encryption?: EncryptionConfig | undefined;
}

const encryption = z.strictObject({
  recipients: z
    .array(z.string().regex(/^age1[02-9ac-hj-np-z]{58}$/, "expected a public key of age: age1 and 58 letters and digits"))
    .min(1, "expected a public key of age: age1…")
    .describe("Public keys of age, `age1…`: the holder of the identity of any of them can restore."),
});

const target = z.strictObject({
  storage: text.describe("The storage that the backups are written to."),
  prefix: prefixSchema.describe("Below the storage's own prefix.").default(""),
  retention: retentionSchema.describe("Of this target, in place of the policy's.").optional(),
  encryption: z
    .union([encryption, z.literal(false)])
    .describe("Of this target, in place of the policy's; false for none. Copies never decrypt: such a target stands first.")
    .optional(),
});

const policy = z.strictObject({
  extends: extendsSchema.optional(),
  source: text.describe("The source that is backed up."),
  targets: z
    .array(target)
    .min(1, 'expected a target: { storage: "name" }')
    .describe("Where backups are kept: the first that can be reached is written, and copied to the others."),
  retention: retentionSchema.describe("How long backups are kept; when absent, until somebody deletes them.").optional(),
  schedule: scheduleSchema
    .describe("When it is due, for what starts it and for status: docs/scheduling.md.")
    .optional(),
  select: selectSchema.describe("Which collections are backed up; all of them when absent.").prefault({}),
  consistency: z
    .enum(["flush", "skip-flush", "meta-only"])
    .describe("flush: all rows so far. skip-flush: what Milvus has persisted. meta-only: schemas, no rows.")
    .default("flush"),
  gc: z
    .enum(["require", "prefer", "off"])
    .optional()
    .describe(
      "Pausing Milvus's garbage collection while it is copied. require: or no backup. prefer: or a warning. off: not asked. When absent: prefer where the source has management.",
    ),
  limits: someLimitsSchema.describe("Over the config's.").default({}),
  hooks: z.array(hookSchema).describe("What runs before and after: docs/hooks.md.").default([]),
  checks: z
    .array(checkSchema)
    .describe("What is looked at again of its backups, when it is due: docs/verification.md.")
    .default([]),
  encryption: encryption
    .describe("Backups are encrypted, and only who has an identity can read them; the Go tool cannot: docs/encryption.md.")
    .optional(),
});
export const policySchema: z.ZodType<ParsedPolicy, PolicyConfig> = policy satisfies Same<
  typeof policy,
  ParsedPolicy,
  PolicyConfig
>;

/** What policies inherit may lack anything. */
export const defaultsSchema: z.ZodType = policy.partial();
