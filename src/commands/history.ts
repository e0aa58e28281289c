import { DURATION_FORM, findDurationMs } from "../core/duration.ts";
import { BackupError, worstStatus } from "../core/errors.ts";
import { RUN_KINDS } from "../core/history.ts";
import { formatHistory } from "../report/format-history.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { oneOf } from "./one-of.ts";
import { CONFIG_OPTION, JSON_OPTION, POLICIES_OPTIONS, readPlaces } from "./options.ts";

const SINCE = "30d";
const LIMIT = "50";

export const history: Command = defineCommand({
  name: "history",
  summary: "The runs of policies, how often they succeed, and how much a disaster would cost",
  operands: "[POLICY…]",
  arity: { min: 0, max: Infinity },
  completes: "policies",
  details: [
    "All policies when none is named, and then also what belongs to no policy: gc, one-off backups. Every run leaves a record in",
    "the targets that it reaches; of a run that was killed there is the backup that it began, as interrupted. Below the runs, a",
    "line for each policy and target: how many of the backups were complete there; RPO, the time between complete backups, the",
    "longest and since the newest; RTO, what its drills took, the newest and the worst. A target that cannot be looked at is told",
    "on stderr, and by the exit status.",
  ].join("\n"),
  options: {
    since: { type: "string", value: "DURATION", summary: `How far back, ${SINCE} when absent: ${DURATION_FORM}` },
    limit: { type: "string", value: "N", summary: `So many runs of each policy are shown, ${LIMIT} when absent` },
    kind: {
      type: "string",
      multiple: true,
      value: "KIND",
      summary: `Only runs of this kind: ${RUN_KINDS.join(", ")}; may be repeated`,
    },
    ...POLICIES_OPTIONS,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup history nightly", does: "Its runs of the last 30 days" },
    { command: "milvus-backup history --kind prune --kind gc", does: "What deleted something, and how it went" },
    {
      command: "milvus-backup history --since 90d --json | jq '.targets[] | [.policy, .target, .successRate]'",
      does: "How often each policy succeeded",
    },
  ],
  async run(deps, { names, options }) {
    const sinceMs = readSince(options.since ?? SINCE);
    const limit = readLimit(options.limit ?? LIMIT);
    const kinds = options.kind?.map((kind) => oneOf("kind", kind, RUN_KINDS));
    const { loadWorkspace } = await import("./workspace.ts");
    const { choosePolicies } = await import("./choose-policies.ts");
    const { showHistory } = await import("./show-history.ts");
    const config = await loadWorkspace(deps, readPlaces(options));
    const isAsked = names.length > 0 || options.all === true || options.group !== undefined;
    const policies = choosePolicies(config, { names, options: isAsked ? options : { all: true } });
    const request = { policies, sinceMs, limit, kinds, withOthers: !isAsked };
    const { history: found, failures } = await showHistory(config, request, deps);
    deps.print(options.json ? JSON.stringify(found) : formatHistory(found));
    return worstStatus(failures.map(({ error, ...place }) => deps.fail(error, place)));
  },
});

function readSince(text: string): number {
  const ms = findDurationMs(text);
  if (ms !== undefined && ms <= MAX_MS) return ms;
  throw new BackupError("usage", `Cannot use --since ${text}`, { hint: `expected ${DURATION_FORM}` });
}

/** A hundred years: before that there is no time to begin at. */
const MAX_MS = 100 * 366 * 86_400_000;

function readLimit(text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit > 0) return limit;
  throw new BackupError("usage", `Cannot use --limit ${text}`, { hint: "expected a number from 1" });
}
