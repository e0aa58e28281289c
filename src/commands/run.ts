import type { LoadedConfig } from "../config/load-config.ts";
import { BackupError, EXIT_STATUS, worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";
import type { BackupRequest } from "./take-backup.ts";

export const run: Command = defineCommand({
  name: "run",
  summary: "Take the backups of one or more policies",
  operands: "POLICY…",
  arity: { min: 0, max: Infinity },
  details: [
    "A backup is complete when every collection that the policy selects is in it and was compared with what was captured;",
    "when some are not, it is partial (exit 3), holds the others whole, and says why. With --plan the policy is that of the",
    "file; when it or what it selects has changed since, nothing is done (exit 15), and the changes are listed.",
  ].join("\n"),
  options: {
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
    plan: { type: "string", value: "FILE", summary: "Take the backup that was planned into this file, or none" },
    "dry-run": { type: "boolean", summary: "Show the plan and stop" },
  },
  examples: [
    { command: "milvus-backup run nightly", does: "What cron calls" },
    { command: "milvus-backup run nightly --dry-run", does: "What it would do, and why" },
    { command: "milvus-backup run --plan plan.json", does: "What plan nightly --out plan.json has shown" },
    {
      command: "milvus-backup run nightly --json | jq -r 'select(.type==\"report\").state'",
      does: "complete, partial or failed",
    },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { takeBackup } = await import("./take-backup.ts");
    const config = await loadWorkspace(deps, options);
    const wanted = await requestsOf(config, { names, plan: options.plan }, deps);
    const requests = wanted.map((request) => ({ ...request, dryRun: options["dry-run"] }));
    const caller = toRunCaller(deps, options);
    const statuses: ExitStatus[] = [];
    for (const request of requests) {
      deps.signal.throwIfAborted();
      const take = async (): Promise<ExitStatus> =>
        printOutcome(deps, await takeBackup(config, request, caller), options);
      statuses.push(await attempt(deps, take));
    }
    return worstStatus(statuses);
  },
});

interface Wanted {
  readonly names: readonly string[];
  /** A plan file. */
  readonly plan: string | undefined;
}

/** Of policies by their names, or of the one that a plan file is of. */
async function requestsOf(
  config: LoadedConfig,
  { names, plan }: Wanted,
  deps: CommandDeps,
): Promise<readonly BackupRequest[]> {
  if ((plan === undefined) === (names.length === 0)) {
    throw new BackupError("usage", "run needs the names of policies, or --plan FILE and no names", {
      hint: "milvus-backup run --help shows how it is used",
    });
  }
  const { policyRequest } = await import("./policy-request.ts");
  if (plan === undefined) return names.map((name) => policyRequest(config, name, deps));
  const { plannedRequest } = await import("./plan-file.ts");
  return [await plannedRequest(config, plan, deps)];
}

/** A policy that cannot even begin does not keep the next ones from their backups. */
async function attempt(deps: CommandDeps, action: () => Promise<ExitStatus>): Promise<ExitStatus> {
  try {
    return await action();
  } catch (error) {
    const { code, message, hint } = toEventError(error);
    if (code === "bug" || deps.signal.aborted) throw error;
    deps.warn(`error: ${message}${hint === undefined ? "" : `\nhint: ${hint}`}`);
    return EXIT_STATUS[code];
  }
}
