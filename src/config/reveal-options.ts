import type { z } from "zod";
import { BackupError } from "../core/errors.ts";
import { parseOptions } from "./check-options.ts";
import { explainIssues } from "./explain.ts";
import { formatPath, type KeyPath } from "./problem.ts";
import type { SecretStore } from "./secrets.ts";

export interface RevealRequest {
  readonly options: Readonly<Record<string, unknown>>;
  /** Where the options stand, for the error when a secret cannot be had. */
  readonly path: KeyPath;
  /** "Cannot open the storage nas": what cannot be done when the options are wrong. */
  readonly failure: string;
  readonly signal?: AbortSignal | undefined;
}

/** A plugin's options with their secrets revealed, as its schema gives them out. BackupError "invalid" when they are wrong. */
export async function revealOptions(
  secrets: SecretStore,
  schema: z.ZodType,
  { options, path, failure, signal }: RevealRequest,
): Promise<unknown> {
  const parsed = await parseOptions(schema, await secrets.revealAll(options, { path, signal }));
  if ("fault" in parsed) throw new BackupError("invalid", secrets.mask(`${failure}: ${parsed.fault}`));
  if (parsed.success) return parsed.data;
  const faults = explainIssues(parsed.error.issues, schema, options);
  const message = faults.map((fault) => `${formatPath(fault.path)}: ${fault.message}`).join("; ");
  throw new BackupError("invalid", `${failure}: ${secrets.mask(message)}`);
}
