import { BackupError } from "../core/errors.ts";
import { defineCommand } from "./command.ts";
import type { Command } from "./command.ts";
import { CONFIG_OPTION, EVENTS_OPTION, IDENTITY_OPTION, readPlaces, SOURCE_OPTIONS, TARGET_OPTION } from "./options.ts";
import { printOutcome, toRunCaller } from "./print-run.ts";

export const drill: Command = defineCommand({
  name: "drill",
  summary: "Restore a backup into a scratch database, compare it, and drop it again",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  completes: "backups",
  details: [
    "Into databases of the run's own, whose names end with its id: no other is touched. Live rows are counted by a query,",
    "sampled rows are compared field by field with the backup's logs, and where a float vector has an index, the recall of",
    "searches is told, against the nearest rows among all of the backup's. What a drill that was killed has left, the next",
    "one from the same target drops. A difference is exit status 4. It is the same as verify --level restore.",
  ].join("\n"),
  options: {
    into: {
      type: "string",
      value: "SOURCE",
      names: "sources",
      summary: "Where to: a source of the config, or SOURCE/DATABASE for a database whose name begins so",
    },
    ...TARGET_OPTION,
    ...SOURCE_OPTIONS,
    "dry-run": { type: "boolean", summary: "Show the plan and stop" },
    ...IDENTITY_OPTION,
    ...CONFIG_OPTION,
    ...EVENTS_OPTION,
  },
  examples: [
    { command: "milvus-backup drill nightly_20261124_020000", does: "On the Milvus that it was made of" },
    { command: "milvus-backup drill nightly_20261124_020000 --into scratch/drill", does: "On another one" },
  ],
  async run(deps, { names: [backup = ""], options }) {
    const { verifyBackup } = await import("./verify-backup.ts");
    const { into, "dry-run": dryRun, identity: identities } = options;
    const places = readPlaces(options);
    const place = into === undefined ? {} : readInto(into, places.source);
    const words = { ...places, ...place, backup, level: "restore", dryRun, identities };
    return printOutcome(deps, await verifyBackup(words, toRunCaller(deps, options)), options);
  },
});

/** "scratch", "scratch/drill". */
function readInto(into: string, source: string | undefined): { readonly source: string; readonly database?: string } {
  if (source !== undefined) {
    throw new BackupError("usage", "Cannot tell where to restore to", { hint: "say --into or --source, not both" });
  }
  const [name = "", database, ...rest] = into.split("/");
  if (name !== "" && rest.length === 0 && (database === undefined || /^[A-Za-z_]\w{0,99}$/.test(database))) {
    return { source: name, ...(database !== undefined && { database }) };
  }
  throw new BackupError("usage", `Cannot restore into ${into}`, {
    hint: "say --into SOURCE or --into SOURCE/DATABASE",
  });
}
