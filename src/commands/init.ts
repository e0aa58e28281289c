import { BackupError, EXIT_STATUS } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { formatFindings, statusOf } from "./findings.ts";
import { JSON_OPTION } from "./options.ts";

export const init: Command = defineCommand({
  name: "init",
  summary: "Write a first config and a policy, after a look at what they name",
  operands: "",
  arity: { min: 0, max: 0 },
  details: [
    "Asks for what no flag says, on a terminal. Milvus, its storage and the target are looked at as check does it; when one is",
    "not right nothing is written (exit 14, or that of the finding). Nothing is written over. Passwords are not asked for:",
    "the files hold references, to MILVUS_PASSWORD or MILVUS_TOKEN; S3 credentials are looked for where AWS's own tools do.",
  ].join("\n"),
  options: {
    source: { type: "string", value: "ADDRESS", summary: "Milvus, as host:port; else MILVUS_ADDRESS" },
    username: { type: "string", value: "NAME", summary: "Who logs in, with MILVUS_PASSWORD; else MILVUS_USERNAME" },
    "source-storage": {
      type: "string",
      value: "PLACE",
      summary: "Where that Milvus keeps its segments: its data directory, or s3://bucket/root-path?endpoint=…",
    },
    target: { type: "string", short: "t", value: "PLACE", summary: "Where backups are to be: a path, or s3://…" },
    policy: { type: "string", value: "NAME", summary: "What the policy is called: nightly when absent" },
    keep: {
      type: "string",
      value: "RULES",
      summary: 'Which backups stay, as "daily 7, weekly 4", which is what it is when absent; all for every one',
    },
    schedule: {
      type: "string",
      value: "CRON",
      summary: 'When a backup is due, as "0 2 * * *" or @daily, by UTC; none when absent',
    },
    include: {
      type: "string",
      multiple: true,
      value: "PATTERN",
      summary: "Collections as database.name, a glob or /regular expression/; else all; may be repeated",
    },
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["yaml", "ts"],
      summary: "yaml (default), which needs nothing installed, or ts",
    },
    yes: { type: "boolean", summary: "Ask nothing: what has a default gets it" },
    offline: { type: "boolean", summary: "Look at nothing, and write" },
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup init", does: "Asks" },
    {
      command: "milvus-backup init --source localhost:19530 --source-storage /var/lib/milvus/data --target ./backups",
      does: "Asks nothing where there is no terminal",
    },
    {
      command:
        "milvus-backup init --yes --source-storage 's3://a-bucket/files?endpoint=http://localhost:9000' --target s3://company-backups/milvus --format ts",
      does: "From one S3 to another, in TypeScript",
    },
  ],
  async run(deps, { options }) {
    const { refuseTaken } = await import("./write-config.ts");
    const { answer } = await import("./init-answers.ts");
    const { planConfig, writeFirstConfig } = await import("./init-config.ts");
    const { include = ["*.*"], format = "yaml", offline = false, json = false } = options;
    await refuseTaken(deps.cwd);
    const { first, probe } = planConfig(await answer(options, deps), include, deps);
    await refuseTaken(deps.cwd, first.policy);
    const findings = offline ? [] : await probe();
    refuseFailures(findings, deps);
    const files = await writeFirstConfig(first, format, deps);
    if (json) deps.print(JSON.stringify({ files, findings }));
    else deps.print([...(offline ? [] : [formatFindings(findings), ""]), ...nextSteps(files, first.policy)].join("\n"));
    return 0;
  },
});

/** All findings for people, and an error of the worst. */
function refuseFailures(findings: readonly Finding[], deps: CommandDeps): void {
  const worst = findings.find(({ code }) => code !== undefined && EXIT_STATUS[code] === statusOf(findings));
  if (worst?.code === undefined) return;
  deps.warn(`${formatFindings(findings)}\n`);
  throw new BackupError(worst.code, `Nothing was written: ${worst.subject}: ${worst.message}`, {
    hint: `${worst.hint === undefined ? "" : `${worst.hint}; `}--offline writes without a look`,
  });
}

function nextSteps(files: readonly string[], policy: string): readonly string[] {
  return [
    `Wrote ${files.join(" and ")}`,
    "",
    "Next:",
    "  milvus-backup validate",
    `  milvus-backup plan ${policy}`,
    `  milvus-backup run ${policy}`,
  ];
}
