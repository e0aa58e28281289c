import { z } from "zod";
import type { Extends } from "../../core/contracts/config.ts";
import type { Same } from "./same.ts";
import { textSchema as text } from "./words.ts";

const extended = z
  .union([text, z.array(text)])
  .describe(
    "What this inherits: a file, as a path from this one that begins with ./ or ../, or the name of a package that is installed here; of several, later ones win. This file wins over all.",
  );
export const extendsSchema: z.ZodType<Extends, Extends> = extended satisfies Same<typeof extended, Extends, Extends>;
