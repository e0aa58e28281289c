import { z } from "zod";
import type { KeepConfig, RetentionConfig } from "../../core/contracts/retention.ts";
import { DURATION_FORM, findDurationMs } from "../../core/duration.ts";
import type { Same } from "../../core/same.ts";
import { textSchema as text, timeZoneSchema as timeZone } from "./words.ts";

const amount = z.number().int("expected a whole number").min(1, "expected at least 1").max(1_000_000);
const duration = z.string().refine((value) => (findDurationMs(value) ?? 0) > 0, {
  error: `expected ${DURATION_FORM}, longer than nothing`,
});
const graceTime = z.string().refine((value) => findDurationMs(value) !== undefined, { error: `expected ${DURATION_FORM}` });

const keep = z
  .strictObject({
    last: amount.describe("The newest so many.").optional(),
    hourly: amount.describe("The newest of so many hours that have one.").optional(),
    daily: amount.describe("The newest of so many days that have one.").optional(),
    weekly: amount.describe("The newest of so many ISO weeks that have one.").optional(),
    monthly: amount.describe("The newest of so many months that have one.").optional(),
    yearly: amount.describe("The newest of so many years that have one.").optional(),
    within: duration.describe("All that are no older than this when the newest was made: `14d`.").optional(),
  })
  .refine((rules) => Object.values(rules).some((value) => value !== undefined), {
    error: "expected at least one rule: nothing would be kept",
  }) satisfies z.ZodType<KeepConfig, KeepConfig>;

const retention = z.strictObject({
  keep: keep.describe("A backup that any of these rules wants stays."),
  timezone: timeZone
    .describe("Where days, weeks, months and years begin: an IANA name; UTC when absent.")
    .optional(),
  minKeep: amount.describe("The newest so many complete backups always stay; 1 when absent.").optional(),
  maxDelete: z
    .union([amount, z.string().regex(/^(?:[1-9]\d?|100)%$/, 'expected a number, or a share such as "20%"')])
    .describe("More than this at once is refused unless confirmed; when absent 20% or 3, whichever is more.")
    .optional(),
  failedGrace: graceTime.describe("How long failed and partial backups stay for a look; 1d when absent.").optional(),
  keepUntilCopied: z
    .array(text)
    .describe("Storages of other targets of this policy: what one of them does not have yet stays.")
    .optional(),
  keepVerified: amount.describe("The newest so many that a checksum or more has proven stay; 1 when absent.").optional(),
  adopt: z.boolean().describe("Backups of the Go tool in this target count, and can be pruned.").optional(),
});
export const retentionSchema: z.ZodType<RetentionConfig, RetentionConfig> = retention satisfies Same<
  typeof retention,
  RetentionConfig,
  RetentionConfig
>;
