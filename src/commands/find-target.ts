import { findBackup } from "../catalog/open-backup.ts";
import type { BackupEntry } from "../catalog/entry.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { BackupError, isBackupError } from "../core/errors.ts";
import type { EventError } from "../core/events.ts";
import { toEventError } from "../core/event-error.ts";
import { openTarget, targetName } from "./open-places.ts";
import { chooseTargets } from "./workspace.ts";
import type { Choosing } from "./workspace.ts";

export interface FoundBackup {
  readonly settings: StorageSettings;
  readonly entry: BackupEntry;
  /** Of targets that could not be looked at, a sentence each. */
  readonly warnings: readonly string[];
}

interface Searching extends Choosing {
  /** The name of a target that is not looked at. */
  readonly except?: string | undefined;
}

/**
 * Where to read the backup with this name: in the target that is chosen, or the first one of all policies that has it
 * whole. Copies are one backup; two that share no more than the name are a BackupError "usage".
 */
export async function findTarget(config: LoadedConfig, name: string, choosing: Searching): Promise<FoundBackup> {
  const { found, missing, unknown } = await lookEverywhere(config, name, choosing);
  const whole = found.filter(({ entry }) => entry.state === "complete" || entry.state === "partial");
  const candidates = whole.length > 0 ? whole : found;
  const [first] = candidates;
  if (first === undefined)
    throw unknown[0]?.cause ?? missing[0] ?? new BackupError("not-found", `There is no backup ${name}`);
  const { startedAt } = first.entry;
  const isOne = candidates.length === 1 || startedAt !== null;
  if (!isOne || candidates.some(({ entry }) => entry.startedAt !== startedAt)) throw inSeveral(name, candidates);
  return { ...first, warnings: unknown.map(({ target, message }) => `${target} could not be looked at: ${message}`) };
}

/** Where the backup with this name is to be changed: the one target that has it, since nothing says which is meant. */
export async function findOnlyTarget(
  config: LoadedConfig,
  name: string,
  choosing: Choosing,
): Promise<Omit<FoundBackup, "warnings">> {
  const { found, missing, unknown } = await lookEverywhere(config, name, choosing);
  const [first, second] = found;
  if (second !== undefined) throw inSeveral(name, found);
  const [dark] = unknown;
  if (dark !== undefined) {
    if (first === undefined) throw dark.cause;
    throw new BackupError(dark.code, `Cannot tell whether ${name} is in ${dark.target} as well: ${dark.message}`, {
      hint: `say --target ${targetName(first.settings)} if that one is meant`,
    });
  }
  if (first === undefined) throw missing[0] ?? new BackupError("not-found", `There is no backup ${name}`);
  return first;
}

/** Every target that has something under this name, the one that is chosen or all of the policies'. */
export async function findCopies(
  config: LoadedConfig,
  name: string,
  choosing: Choosing,
): Promise<{ readonly found: readonly FoundBackup[]; readonly warnings: readonly string[] }> {
  const { found, missing, unknown } = await lookEverywhere(config, name, choosing);
  if (found.length === 0) {
    throw unknown[0]?.cause ?? missing[0] ?? new BackupError("not-found", `There is no backup ${name}`);
  }
  const warnings = unknown.map(({ target, message }) => `${target} could not be looked at: ${message}`);
  return { found: found.map((one) => ({ ...one, warnings: [] })), warnings };
}

interface Search {
  readonly found: readonly Omit<FoundBackup, "warnings">[];
  readonly missing: readonly BackupError[];
  /** Targets that could not be looked at. */
  readonly unknown: readonly (EventError & { readonly target: string; readonly cause: unknown })[];
}

async function lookEverywhere(config: LoadedConfig, name: string, choosing: Searching): Promise<Search> {
  const { signal, now } = choosing.caller;
  const { except } = choosing;
  const found: Search["found"][number][] = [];
  const missing: BackupError[] = [];
  const unknown: Search["unknown"][number][] = [];
  for (const settings of chooseTargets(config, choosing)) {
    if (targetName(settings) === except) continue;
    try {
      await using target = await openTarget(config, settings, choosing.caller);
      found.push({ settings, entry: await findBackup(target.storage, name, { signal, now }) });
    } catch (cause) {
      signal.throwIfAborted();
      const error = toEventError(cause);
      if (error.code === "bug") throw cause;
      if (isBackupError(cause) && cause.code === "not-found") missing.push(cause);
      else unknown.push({ target: targetName(settings), cause, ...error });
    }
  }
  return { found, missing, unknown };
}

function inSeveral(name: string, found: Search["found"]): BackupError {
  return new BackupError("usage", `The backup ${name} is in ${found.length} targets`, {
    hint: `say --target with one of ${found.map(({ settings }) => targetName(settings)).join(", ")}`,
  });
}
