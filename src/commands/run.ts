import type { LoadedConfig } from "../config/load-config.ts";
import { BackupError } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, POLICIES_OPTIONS, readPlaces, RESUME_OPTION } from "./options.ts";
import { printSummary, toRunCaller } from "./print-run.ts";
import type { PolicyRun } from "./run-policies.ts";

export const run: Command = defineCommand({
  name: "run",
  summary: "Take the backups of one or more policies",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "A backup is complete when every collection that the policy selects is in it and was compared with what was captured;",
    "when some are not, it is partial (exit 3), holds the others whole, and says why. With --plan the policy is that of the",
    "file; when it or what it selects has changed since, nothing is taken (exit 15), and the changes are listed.",
    "A backup of the policy that was interrupted less than 6 hours ago is resumed, and what it had copied is not copied again;",
    "--resume takes up an older one as well, --no-resume takes a new backup.",
    "Of several policies one that fails does not stop the next; a summary is last, and the worst exit status is returned.",
  ].join("\n"),
  options: {
    ...POLICIES_OPTIONS,
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
    plan: { type: "string", value: "FILE", summary: "Take the backup that was planned into this file, or none" },
    ...RESUME_OPTION,
    "no-resume": { type: "boolean", summary: "Take a new backup, whatever was interrupted" },
    "dry-run": { type: "boolean", summary: "Show the plan and stop" },
  },
  examples: [
    { command: "milvus-backup run nightly", does: "What cron calls" },
    { command: "milvus-backup run --all", does: "Every policy, one after the other" },
    { command: "milvus-backup run --group prod", does: "Those that the config's groups.prod names" },
    { command: "milvus-backup run nightly --dry-run", does: "What it would do, and why" },
    { command: "milvus-backup run nightly --resume", does: "Go on with the one that was interrupted, or say why not" },
    { command: "milvus-backup run --plan plan.json", does: "What plan nightly --out plan.json has shown" },
    {
      command: "milvus-backup run nightly --json | jq -r 'select(.type==\"report\").state'",
      does: "complete, partial or failed",
    },
  ],
  async run(deps, { names, options }) {
    const { loadWorkspace } = await import("./workspace.ts");
    const { runPolicies } = await import("./run-policies.ts");
    const { chooseResume } = await import("./resume-backup.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const wanted = readResume(options);
    const runs = await chooseRuns(config, { names, options }, deps);
    const caller = toRunCaller(deps, options);
    const resume = chooseResume(wanted);
    const { exitStatus, outcomes } = await runPolicies(runs, { config, caller, options, resume }, deps);
    const isOne = runs.length === 1 && (names.length === 1 || options.plan !== undefined);
    if (!isOne && !options["dry-run"]) printSummary(deps, outcomes, options);
    return exitStatus;
  },
});

interface ResumeFlags {
  readonly resume?: boolean;
  readonly "no-resume"?: boolean;
  readonly plan?: string;
}

/** As the library takes it. */
function readResume({ resume, "no-resume": noResume, plan }: ResumeFlags): boolean | undefined {
  if (resume && noResume) throw new BackupError("usage", "--resume and --no-resume contradict each other");
  if (resume && plan !== undefined) {
    throw new BackupError("usage", "A plan is of a new backup: nothing is resumed by it", {
      hint: "say --plan FILE without --resume",
    });
  }
  return noResume ? false : resume;
}

interface RunChoice {
  readonly names: readonly string[];
  readonly options: { readonly all?: boolean; readonly group?: readonly string[]; readonly plan?: string };
}

/** Policies by their names, or the one that a plan file is of. */
async function chooseRuns(config: LoadedConfig, choice: RunChoice, deps: CommandDeps): Promise<readonly PolicyRun[]> {
  const { names, options } = choice;
  if (options.plan === undefined) {
    const { choosePolicies } = await import("./choose-policies.ts");
    const { policyRun } = await import("./run-policies.ts");
    return choosePolicies(config, choice).map((policy) => policyRun(config, policy, deps));
  }
  if (names.length > 0 || options.all || options.group !== undefined) {
    throw new BackupError("usage", "A plan file says itself which policy is run", { hint: "say --plan FILE alone" });
  }
  const { plannedRequest } = await import("./plan-file.ts");
  const request = await plannedRequest(config, options.plan, deps);
  return [{ policy: request.policy.name, request: () => request }];
}
