import { z } from "zod";
import type { Extends } from "../../core/contracts/policy.ts";
import type { Same } from "../../core/same.ts";
import { textSchema as text } from "./words.ts";

const extended = z
  .union([text, z.array(text)])
  .describe(
    "What this inherits: files, whose paths from here begin with ./ or ../, or packages; later ones win, this file over all.",
  );
export const extendsSchema: z.ZodType<Extends, Extends> = extended satisfies Same<typeof extended, Extends, Extends>;
