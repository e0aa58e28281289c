import type { EncryptionConfig } from "../core/contracts/target.ts";
import type { CreateBackupOptions } from "../core/contracts/library.ts";
import { BackupError } from "../core/errors.ts";
import { defaultGcMode } from "../core/gc-pause.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import { checkBackupName, toBackupName } from "../format/backup-name.ts";
import type { RunCaller } from "./caller.ts";
import { CONSISTENCIES, GC_MODES } from "./choices.ts";
import { oneOf } from "./one-of.ts";
import { targetName } from "./open-places.ts";
import { readPatterns } from "./read-patterns.ts";
import { readRecipients } from "./read-recipients.ts";
import { takeBackup } from "./take-backup.ts";
import { chooseSource, chooseTarget, loadWorkspace } from "./workspace.ts";

/** As flags and programs without types give it. */
export interface CreateWords extends Omit<CreateBackupOptions, "consistency" | "gc"> {
  readonly consistency?: string | undefined;
  readonly gc?: string | undefined;
}

/** Takes a backup without a policy, or plans it only. */
export async function createBackup(words: CreateWords, caller: RunCaller): Promise<Plan | RunReport> {
  const { include = ["*.*"], exclude = [], consistency = "flush", gc, dryRun } = words;
  if (words.resume && words.backup === undefined) {
    throw new BackupError("usage", "Cannot resume a backup without its name", { hint: "say which one with -n NAME" });
  }
  const resume = words.resume ? "always" : "never";
  const { backup = toBackupName("backup", caller.now()) } = words;
  checkBackupName(backup);
  const select = { include: readPatterns("include", include), exclude: readPatterns("exclude", exclude) };
  const settings = {
    select,
    consistency: oneOf("consistency", consistency, CONSISTENCIES),
  };
  const config = await loadWorkspace(caller, words);
  const choosing = { choices: words, caller };
  const places = { source: chooseSource(config, choosing), target: chooseTarget(config, choosing) };
  const encryptions = await encryptionsOf(words, targetName(places.target));
  const mode = gc === undefined ? defaultGcMode(places.source.source) : oneOf("gc", gc, GC_MODES);
  return takeBackup(
    config,
    { backup, ...places, ...settings, gc: mode, encryptions, limits: config.limits, resume, dryRun },
    caller,
  );
}

async function encryptionsOf(
  { encryptTo }: CreateWords,
  target: string,
): Promise<ReadonlyMap<string, EncryptionConfig> | undefined> {
  return encryptTo && new Map([[target, { recipients: await readRecipients(encryptTo) }]]);
}
