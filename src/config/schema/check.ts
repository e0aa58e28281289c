import { z } from "zod";
import { CHECK_LEVELS } from "../../core/check-level.ts";
import type { CheckConfig } from "../../core/contracts/checks.ts";
import { DURATION_FORM, findDurationMs } from "../../core/duration.ts";
import type { Same } from "../../core/same.ts";
import { countSchema as count, textSchema as text } from "./words.ts";

const every = z.string().refine((value) => (findDurationMs(value) ?? 0) > 0, `expected ${DURATION_FORM}`);

const into = z.strictObject({
  source: text.describe("The source that is restored into."),
  database: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "expected a name for a database: letters, digits and _")
    .optional()
    .describe("What the scratch database's name begins with; drill when absent."),
});

const check = z
  .strictObject({
    kind: z.enum(CHECK_LEVELS).describe("How far to look: metadata, objects, checksum, spot, or restore for a drill."),
    every: every.describe('No more often than this, by the target\'s own record, as "1d".'),
    part: z
      .string()
      .regex(/^1\/[1-9]\d{0,3}$/, 'expected the first of so many parts, such as "1/30": the others follow by themselves')
      .optional()
      .describe(
        'Of checksum: the share that is read each time, as "1/30"; the next time it is the next one. All of it when absent.',
      ),
    newest: count
      .optional()
      .describe(
        "Of each of so many of the newest backups, each on its own clock; of whatever is the newest, on one clock, when absent.",
      ),
    into: into.optional().describe("Of restore: where to; the policy's own source when absent."),
  })
  .superRefine(({ kind, part, into: place }, context) => {
    if (part !== undefined && kind !== "checksum") {
      context.addIssue({ code: "custom", path: ["part"], message: "only a checksum check has parts" });
    }
    if (place !== undefined && kind !== "restore") {
      context.addIssue({ code: "custom", path: ["into"], message: "only a restore check goes into something" });
    }
  });
export const checkSchema: z.ZodType<CheckConfig, CheckConfig> = check satisfies Same<
  typeof check,
  CheckConfig,
  CheckConfig
>;
