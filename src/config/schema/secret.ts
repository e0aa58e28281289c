import { z } from "zod";
import type { Secret } from "../../core/contracts/secret.ts";
import type { Same } from "../../core/same.ts";
import { fileNameSchema as fileName, textSchema as text } from "./words.ts";

/** What is said where a secret stands in plain text. */
export const BY_REFERENCE =
  'a secret is only given by reference: { env: "NAME" }, { file: "path" }, { command: ["program", "argument"] }, { credential: "NAME" }, { dockerSecret: "NAME" } or { provider: "NAME", … }';

/** The keys of references that the tool itself looks up. */
export const PLACE_KEYS = ["env", "file", "command", "credential", "dockerSecret"] as const;

const secret = z.union(
  [
    z.strictObject({ env: text.describe("The environment variable that holds it.") }),
    z.strictObject({
      file: text.describe(
        "The file that holds it, relative to the config's folder; one newline at its end is dropped.",
      ),
    }),
    z.strictObject({
      command: z
        .array(text)
        .min(1)
        .describe("Program and arguments of what prints it, run without a shell in the config's folder."),
    }),
    z.strictObject({ credential: fileName.describe("The credential that systemd gives the unit: LoadCredential=NAME:….") }),
    z.strictObject({ dockerSecret: fileName.describe("The Docker or Podman secret: the file /run/secrets/NAME.") }),
    z.looseObject({
      provider: text.describe("The secret provider of `plugins` that gives it; all other keys are its options."),
    }),
  ],
  { error: ({ input }) => (isLikeReference(input) ? undefined : BY_REFERENCE) },
);
export const secretSchema: z.ZodType<Secret, Secret> = (secret satisfies Same<typeof secret, Secret, Secret>).meta({ id: "Secret" });

/** Whether one of the ways can be meant; a number or a list is told that it is none. */
function isLikeReference(input: unknown): boolean {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return typeof input !== "string";
  return [...PLACE_KEYS, "provider"].some((key) => key in input);
}
