import type { LoadedConfig } from "../config/load-config.ts";
import { openStorage } from "../config/open-storage.ts";
import { CHECK_LEVELS, findPart, PART_FORM } from "../core/check-level.ts";
import type { CheckLevel, CheckPart } from "../core/check-level.ts";
import { planChecks } from "../core/check-plan.ts";
import type { VerifyBackupOptions } from "../core/contracts/library.ts";
import { BackupError } from "../core/errors.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { CheckJob, RepairPlaces } from "../engine/check-job.ts";
import type { ClosedTarget } from "../engine/places.ts";
import type { RunHistory } from "../engine/run-history.ts";
import { checkBackupName } from "../format/backup-name.ts";
import { createLimit } from "../io/limit.ts";
import type { RunCaller } from "./caller.ts";
import { execute } from "./execute.ts";
import { findCopies } from "./find-target.ts";
import type { FoundBackup } from "./find-target.ts";
import { oneOf } from "./one-of.ts";
import { closeTarget, openSource, targetName } from "./open-places.ts";
import { createCheckUnseal } from "./unseal.ts";
import { recordIn } from "./record-run.ts";
import { chooseSource, loadWorkspace, policyTargets } from "./workspace.ts";
import type { Choosing } from "./workspace.ts";

/** As flags and programs without types give it. */
export interface VerifyWords extends Omit<VerifyBackupOptions, "level"> {
  readonly level?: string | undefined;
}

/** Looks at a backup in every target that has it, or in the one that is chosen; throws when it could not even begin. */
export async function verifyBackup(words: VerifyWords, caller: RunCaller): Promise<Plan | RunReport> {
  const { backup, dryRun = false, repair = false } = words;
  checkBackupName(backup);
  const level = oneOf("level", words.level ?? "checksum", CHECK_LEVELS);
  const part = readPart(words.part, level);
  const config = await loadWorkspace(caller, words);
  const choosing = { choices: words, caller };
  const { found: copies, warnings } = await findCopies(config, backup, choosing);
  const found = level === "restore" ? nearest(copies) : copies;
  const names = found.map(({ settings }) => targetName(settings));
  const source = level === "spot" || level === "restore" ? originOf(config, found, choosing) : undefined;
  const { database } = words;
  const planned = planChecks(backup, names, [{ level, part, source, database, repair, why: "asked for by name" }]);
  const plan = { ...planned, warnings: [...warnings, ...planned.warnings] };
  if (dryRun) return plan;
  const { runChecks } = await import("../engine/run-checks.ts");
  const history = await recordChecks(config, { backup, found }, caller);
  return await execute(config, { action: "verify", caller, history }, (run) => {
    const job: CheckJob = {
      run,
      limits: config.limits,
      objectLimit: createLimit(config.limits.objects),
      targets: found.map(({ settings }) => closeTarget(config, settings, caller)),
      openSource: () => openSource(config, chooseSource(config, choosing, source), caller),
      unseal: createCheckUnseal(config, words, caller),
      ...(repair && { repair: repairPlaces(config, found, choosing) }),
    };
    return runChecks(plan, job);
  });
}

function recordChecks(
  config: LoadedConfig,
  { backup, found }: { readonly backup: string; readonly found: readonly FoundBackup[] },
  caller: RunCaller,
): Promise<RunHistory> {
  const { policy, source } = found[0]?.entry ?? {};
  const targets = found.map(({ settings }) => settings);
  return recordIn(config, { action: "verify", policy, source, backup, targets }, caller);
}

function readPart(text: string | undefined, level: CheckLevel): CheckPart | undefined {
  if (text === undefined) return undefined;
  const part = findPart(text);
  if (part === undefined) throw new BackupError("usage", `Cannot check the part ${text}`, { hint: `say ${PART_FORM}` });
  if (level === "checksum") return part;
  throw new BackupError("usage", `Cannot check a part at the level ${level}`, { hint: "only checksum has parts" });
}

/** A drill of one copy is enough: like a restore it takes the first that is whole. */
function nearest(copies: readonly FoundBackup[]): readonly FoundBackup[] {
  const whole = copies.find(({ entry }) => entry.state === "complete" || entry.state === "partial");
  return [...(whole ? [whole] : copies)].slice(0, 1);
}

/** The source that is chosen, else the one that the backup was made of, where the config still has it. */
function originOf(config: LoadedConfig, [first]: readonly FoundBackup[], choosing: Choosing): string {
  const origin = first?.entry.source;
  const isKnown = origin !== undefined && config.sources.has(origin);
  return chooseSource(config, choosing, isKnown ? origin : undefined).source.name;
}

/** All targets of all policies, those that are checked too: one copy heals another. The source where it is known. */
function repairPlaces(config: LoadedConfig, found: readonly FoundBackup[], choosing: Choosing): RepairPlaces {
  const { caller } = choosing;
  const settings = [...found.map((one) => one.settings), ...policyTargets(config)];
  const byName = new Map(settings.map((one) => [targetName(one), closeTarget(config, one, caller)]));
  const origin = choosing.choices.source ?? found[0]?.entry.source;
  const isKnown = origin !== undefined && (config.sources.has(origin) || choosing.choices.sourceStorage !== undefined);
  if (!isKnown) return { targets: [...byName.values()] };
  const { storage } = chooseSource(config, choosing, origin);
  const open = async (): ReturnType<ClosedTarget["open"]> => {
    const opened = await openStorage(config, storage, { signal: caller.signal });
    const dispose = (): PromiseLike<void> => opened[Symbol.asyncDispose]();
    return { name: origin, storage: opened, readableByMilvus: false, [Symbol.asyncDispose]: dispose };
  };
  return { targets: [...byName.values()], source: { name: origin, open } };
}
