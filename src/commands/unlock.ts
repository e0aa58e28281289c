import { BackupError } from "../core/errors.ts";
import { formatPlural } from "../core/quantities.ts";
import { formatLocks } from "../report/format-locks.ts";
import { defineCommand } from "./command.ts";
import type { Command, CommandDeps } from "./command.ts";
import { CONFIG_OPTION, JSON_OPTION, readPlaces, TARGET_OPTION } from "./options.ts";
import type { Unlocking, UnlockOptions } from "./unlock-target.ts";

type Confirm = UnlockOptions["confirm"];

export const unlock: Command = defineCommand({
  name: "unlock",
  summary: "Show who has locked a target, and remove the locks that nobody holds any more",
  operands: "[RUN]",
  arity: { min: 0, max: 1 },
  details: [
    "Every run that reads or writes in a target holds a lock there, and a deletion refuses to begin while they live. A lock is stale",
    "when it was not refreshed for half an hour, or when its process ran on this machine and is gone; stale ones keep nobody",
    "out, and are removed with --yes. A live one goes only when its run is named, with --force: a run that finds its lock",
    "gone commits nothing. Without --target, the locks of every target that a policy names.",
  ].join("\n"),
  options: {
    force: { type: "boolean", summary: "Remove the locks of the run that is named although it may be alive" },
    yes: { type: "boolean", short: "y", summary: "Do it; without this, only say what would go, or ask at a terminal" },
    ...TARGET_OPTION,
    ...CONFIG_OPTION,
    ...JSON_OPTION,
  },
  examples: [
    { command: "milvus-backup unlock", does: "Who is there, since when, and whether they live" },
    { command: "milvus-backup unlock --yes", does: "Remove the stale locks" },
    {
      command: "milvus-backup unlock 20261124_020000_1a2b3c4d --force --yes",
      does: "Remove the locks of a run that is dead for certain, though they are fresh",
    },
  ],
  async run(deps, { names: [run], options }) {
    const { unlockTarget } = await import("./unlock-target.ts");
    const { yes = false, json = false, force } = options;
    const ask = yes || json ? undefined : deps.ask;
    const confirm = ask === undefined ? async () => yes : askerOn({ ...deps, ask });
    const outcome = await unlockTarget({ ...readPlaces(options), run, force, confirm }, deps);
    const { chosen, isDone } = outcome;
    if (json) deps.print(toJson(outcome));
    else printText(deps, outcome, ask !== undefined && chosen.length > 0);
    if (isDone || chosen.length === 0) return 0;
    throw new BackupError("refused", `Nothing is removed yet: ${formatPlural(chosen.length, "lock")} could be`, {
      hint: "say --yes to remove what is stale or named",
    });
  },
});

/** Shows what there is before it asks. */
function askerOn({ print, ask }: Pick<CommandDeps, "print"> & Required<Pick<CommandDeps, "ask">>): Confirm {
  return async (chosen, all) => {
    print(formatLocks(all));
    const answer = await ask?.(`Remove ${formatPlural(chosen.length, "lock")}? [y/N] `);
    return /^y(?:es)?$/i.test(answer?.trim() ?? "");
  };
}

function toJson({ locks, chosen, isDone }: Unlocking): string {
  return JSON.stringify(locks.map((lock) => ({ ...lock, removed: isDone && chosen.includes(lock) })));
}

function printText({ print }: CommandDeps, { locks, chosen, isDone }: Unlocking, isShown: boolean): void {
  if (!isShown) print(formatLocks(locks));
  if (isDone) print(`${formatPlural(chosen.length, "lock")} removed`);
}
