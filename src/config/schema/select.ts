import { z } from "zod";
import type { SelectConfig, Selection } from "../../core/contracts/config.ts";
import { parseBytes } from "../../core/quantities.ts";
import { checkGlob } from "../../core/select.ts";
import type { Same } from "./same.ts";
import { patternSchema as pattern, textSchema as text } from "./words.ts";

const size = z.string().refine((value) => parseBytes(value) !== undefined, {
  error: "expected a size such as 512MiB or 1.5GiB",
});

const glob = z.string().refine((value) => checkGlob(value), {
  error: "expected a partition's name, with * for any letters and ? for one",
});

const where = z.strictObject({
  properties: z.record(text, z.string()).optional(),
  largerThan: size.optional(),
  smallerThan: size.optional(),
});

const select = z.strictObject({
  include: z.array(pattern).min(1, "expected a pattern, or no include at all").default(["*.*"]),
  exclude: z.array(pattern).default([]),
  where: where.optional(),
  partitions: z.record(pattern, z.array(glob).min(1, "expected a partition, or no such key at all")).optional(),
  strict: z.boolean().optional(),
});
export const selectSchema: z.ZodType<Selection, SelectConfig> = select satisfies Same<
  typeof select,
  Selection,
  SelectConfig
>;
