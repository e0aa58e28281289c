import { worstStatus } from "../core/errors.ts";
import { formatBytes, formatCount } from "../core/quantities.ts";
import { formatTable } from "../report/table.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import type { ListedBackup } from "./list-backups.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces, TARGET_OPTION } from "./options.ts";

export const list: Command = defineCommand({
  name: "list",
  summary: "List the backups of a target, the newest first",
  operands: "",
  arity: { min: 0, max: 0 },
  details: [
    "Without --target, of every target that a policy names; one that cannot be listed is told on stderr, and by the exit",
    "status. Backups of the Go tool are listed, too.",
  ].join("\n"),
  options: { ...TARGET_OPTION, ...CONFIG_OPTION, ...JSON_OPTION },
  examples: [
    { command: "milvus-backup list", does: "Every backup that the policies have made" },
    { command: "milvus-backup list --target /mnt/nas/milvus", does: "What is in a directory" },
    {
      command: "milvus-backup list --json | jq -r 'map(select(.state==\"complete\"))[0].name'",
      does: "The newest complete one",
    },
  ],
  async run(deps, { options }) {
    const { listTargets } = await import("./list-backups.ts");
    const { backups, failures } = await listTargets(readPlaces(options), deps);
    deps.print(options.json ? JSON.stringify(backups) : toText(backups));
    return worstStatus(failures.map(({ target, error }) => deps.fail(error, { target })));
  },
});

function toText(entries: readonly ListedBackup[]): string {
  if (entries.length === 0) return "There is no backup";
  const hasMany = new Set(entries.map(({ target }) => target)).size > 1;
  const isChecked = entries.some(({ verified, damaged }) => verified !== undefined || damaged !== undefined);
  const isPinned = entries.some(({ pinned }) => pinned !== undefined);
  const right = { align: "right" } as const;
  const columns = [
    ...(hasMany ? [{ title: "TARGET" }] : []),
    { title: "NAME" },
    { title: "STATE" },
    { title: "STARTED" },
    { title: "COLLECTIONS", ...right },
    { title: "BYTES", ...right },
    ...(isChecked ? [{ title: "CHECKED" }] : []),
    ...(isPinned ? [{ title: "PINNED" }] : []),
    { title: "MADE BY" },
    { title: "POLICY" },
  ];
  const rows = entries.map((entry) => [
    ...(hasMany ? [entry.target] : []),
    entry.name,
    entry.state,
    entry.startedAt?.slice(0, 19).concat("Z") ?? "unknown",
    formatCount(entry.collections) + (entry.inPart === undefined ? "" : ` (${formatCount(entry.inPart)} in part)`),
    formatBytes(entry.bytes),
    ...(isChecked ? [formatChecked(entry)] : []),
    ...(isPinned ? [formatPinned(entry)] : []),
    entry.madeBy === "go" ? "the Go tool" : "this tool",
    entry.policy ?? "",
  ]);
  return formatTable(columns, rows);
}

function formatPinned({ pinned }: ListedBackup): string {
  if (pinned === undefined) return "";
  return pinned.until === undefined ? "yes" : `until ${pinned.until.slice(0, 10)}`;
}

function formatChecked({ verified, damaged }: ListedBackup): string {
  if (damaged !== undefined) return "DAMAGED";
  return verified === undefined ? "" : `${verified.level} ${verified.at.slice(0, 10)}`;
}
