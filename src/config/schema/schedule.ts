import { z } from "zod";
import type { ScheduleConfig } from "../../core/contracts/schedule.ts";
import { DURATION_FORM, findDurationMs } from "../../core/duration.ts";
import type { Same } from "../../core/same.ts";
import { textSchema as text, timeZoneSchema as timeZone } from "./words.ts";

const duration = z.string().refine((value) => findDurationMs(value) !== undefined, {
  error: `expected ${DURATION_FORM}`,
});

const schedule = z.strictObject({
  cron: text.describe(
    "When it is due: minute, hour, day of the month, month, day of the week; or @daily and its like.",
  ),
  timezone: timeZone
    .describe("Whose clock cron means: an IANA name; UTC when absent.")
    .optional(),
  jitter: duration
    .describe(
      "Up to this much later, so that many do not begin at once; shorter than the time between two runs. 0s when absent.",
    )
    .optional(),
  overlap: z
    .enum(["skip", "queue", "fail"])
    .describe(
      "When a run of the same policy and source is under way: skip this one, queue it behind the other, or fail. skip when absent.",
    )
    .optional(),
  grace: duration
    .describe(
      "How long after it was due a backup may begin before status calls the policy overdue; 1h when absent.",
    )
    .optional(),
});
export const scheduleSchema: z.ZodType<ScheduleConfig, ScheduleConfig> = schedule satisfies Same<
  typeof schedule,
  ScheduleConfig,
  ScheduleConfig
>;
