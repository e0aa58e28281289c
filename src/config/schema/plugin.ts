import { z } from "zod";
import type { PluginConfig } from "../../core/contracts/config.ts";
import { isPlugin } from "../../core/contracts/plugin.ts";
import type { Plugin } from "../../core/contracts/plugin.ts";
import { textSchema as text } from "./words.ts";

type Entry = string | Plugin | PluginConfig;

const plugin = z.custom<Plugin>(isPlugin);
const expected = 'expected a plugin: "./path.ts", "package", or { use, options }';

/** Not compared by Same: a plugin has functions, which it does not look into. */
export const pluginSchema: z.ZodType<Entry, Entry> = z.union(
  [
    text,
    plugin,
    z.strictObject({
      use: z
        .union([text, plugin])
        .describe(
          "A path that begins with `./`, `../`, `/` or `~/`, relative to the config's folder; a package; or the plugin itself.",
        ),
      options: z.record(z.string(), z.unknown()).optional().describe("Of an observer; a Secret may stand for any text."),
    }),
  ],
  { error: ({ input }) => (typeof input === "object" && input !== null && "use" in input ? undefined : expected) },
);
