import { worstStatus } from "../core/errors.ts";
import type { ExitStatus } from "../core/errors.ts";
import { formatPlan } from "../report/format-plan.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION } from "./options.ts";
import { policyRequest } from "./policy-request.ts";
import { printReport } from "./start-run.ts";
import { planRequest, takeBackup } from "./take-backup.ts";
import { loadWorkspace } from "./workspace.ts";

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
    const { json = false } = options;
    const config = await loadWorkspace(deps, options);
    const requests = names.map((name) => policyRequest(config, name, deps));
    const statuses: ExitStatus[] = [];
    for (const request of requests) {
      if (options["dry-run"]) {
        const plan = await planRequest(config, request, deps);
        deps.print(json ? JSON.stringify(plan) : formatPlan(plan));
      } else {
        statuses.push(printReport(deps, await takeBackup(config, request, { deps, json }), { json }));
      }
    }
    return worstStatus(statuses);
  },
});
