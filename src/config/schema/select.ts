import { z } from "zod";
import type { SelectConfig, Selection } from "../../core/contracts/selection.ts";
import { parseBytes } from "../../core/quantities.ts";
import { checkGlob } from "../../core/select.ts";
import type { Same } from "../../core/same.ts";
import { patternSchema as pattern, textSchema as text } from "./words.ts";

const size = z.string().refine((value) => parseBytes(value) !== undefined, {
  error: "expected a size such as 512MiB or 1.5GiB",
});

const glob = z.string().refine((value) => checkGlob(value), {
  error: "expected a partition's name, with * for any letters and ? for one",
});

const where = z.strictObject({
  properties: z.record(text, z.string()).optional().describe("Properties of the collection, with their values."),
  largerThan: size.optional().describe("`1GiB`, by what rows and schema let expect."),
  smallerThan: size.optional().describe("`1GiB`, by what rows and schema let expect."),
});

const select = z.strictObject({
  include: z
    .array(pattern)
    .min(1, "expected a pattern, or no include at all")
    .describe(
      "Globs on `database.collection`, without a dot of the default database; or regular expressions between slashes, which match the whole of `database.collection`.",
    )
    .default(["*.*"]),
  exclude: z.array(pattern).describe("An exclude wins over every include.").default([]),
  where: where.optional().describe("What collections must be like besides; all of it must hold."),
  partitions: z
    .record(pattern, z.array(glob).min(1, "expected a partition, or no such key at all"))
    .optional()
    .describe("Of the collections that a key matches (as in include), only the partitions that one of its globs matches."),
  strict: z
    .boolean()
    .optional()
    .describe("Refuse to begin when an include matches nothing, rather than warn; false when absent."),
});
export const selectSchema: z.ZodType<Selection, SelectConfig> = select satisfies Same<
  typeof select,
  Selection,
  SelectConfig
>;
