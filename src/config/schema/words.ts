/** The small things that configs and policies are made of. */
import { z } from "zod";
import { didYouMean } from "../../core/nearest.ts";
import { isTimeZone } from "../../core/retention-calendar.ts";
import { checkPattern } from "../../core/select.ts";

export const textSchema: z.ZodType<string, string> = z.string().min(1, "expected text that is not empty");

/** Of a file in a folder that is not the user's to choose. */
export const fileNameSchema: z.ZodType<string, string> = z.string().regex(/^(?!\.{1,2}$)[^/\0]+$/, {
  error: "expected a name without slashes",
});

/** What sources, storages and policies can be called. */
export const nameSchema: z.ZodType<string, string> = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, {
  error: "expected a name: letters, digits, _, - and ., not starting with - or .",
});

export const prefixSchema: z.ZodType<string, string> = z.string().refine(isPrefix, {
  error: "expected a prefix without slashes at its ends and without empty, . and .. parts",
});

export const patternSchema: z.ZodType<string, string> = z.string().superRefine((value, context) => {
  const problem = checkPattern(value);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** An IANA name, of which the wrong continent or a letter too few is usual. */
export const timeZoneSchema: z.ZodType<string, string> = z.string().superRefine((value, context) => {
  if (isTimeZone(value)) return;
  const meant = didYouMean(value, Intl.supportedValuesOf("timeZone"));
  context.addIssue({
    code: "custom",
    message: `expected a time zone of the IANA list${meant === "" ? ", such as Europe/Berlin" : meant}`,
  });
});

/** How many of something at a time. */
export const countSchema: z.ZodType<number, number> = z
  .number()
  .int("expected a whole number")
  .min(1, "expected at least 1")
  .max(1024, "expected at most 1024");

function isPrefix(value: string): boolean {
  return value === "" || value.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
