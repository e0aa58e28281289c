import { EXIT_STATUS, worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, readPlaces } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const run: Command = defineCommand({
  name: "run",
  summary: "Take the backups of one or more policies",
  operands: "POLICY…",
  arity: { min: 1, max: Infinity },
  details: [
    "A backup is complete when every collection that the policy selects is in it and was compared with what was captured;",
    "when some are not, it is partial (exit 3), holds the others whole, and says why.",
  ].join("\n"),
  options: {
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
    "dry-run": { type: "boolean", summary: "Show the plan and stop" },
  },
  examples: [
    { command: "milvus-backup run nightly", does: "What cron calls" },
    { command: "milvus-backup run nightly --dry-run", does: "What it would do, and why" },
    {
      command: "milvus-backup run nightly --json | jq -r 'select(.type==\"report\").state'",
      does: "complete, partial or failed",
    },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { policyRequest } = await import("./policy-request.ts");
    const { takeBackup } = await import("./take-backup.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const requests = names.map((name) => ({ ...policyRequest(config, name, deps), dryRun: options["dry-run"] }));
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
