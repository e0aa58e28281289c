import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { EncryptionConfig } from "../core/contracts/target.ts";
import type { FurtherTarget } from "../core/copy-steps.ts";
import { BackupError, EXIT_STATUS, worstStatus } from "../core/errors.ts";
import type { EventError } from "../core/events.ts";
import { toEventError } from "../core/event-error.ts";
import type { ManifestPolicy } from "../format/manifest.ts";
import type { ClosedTarget, OpenTarget } from "../engine/places.ts";
import type { Caller } from "./caller.ts";
import { openTarget, targetName } from "./open-places.ts";
import { newRunId } from "./start-run.ts";

/** The targets of a backup, in their order, and what is looked for in them. */
export interface TargetsRequest {
  readonly backup: string;
  readonly target: StorageSettings;
  readonly furtherTargets?: readonly StorageSettings[] | undefined;
  /** By target: to whom what is brought there is encrypted. */
  readonly encryptions?: ReadonlyMap<string, EncryptionConfig> | undefined;
  /** The one whose backup it is, where that finds a name of its own. */
  readonly policy?: ManifestPolicy | undefined;
  /** Write no probe. */
  readonly dryRun?: boolean | undefined;
}

export interface OpenTargets extends AsyncDisposable {
  /** The one that is written. */
  readonly first: OpenTarget;
  /** Those that it is copied to then. */
  readonly further: readonly (FurtherTarget & ClosedTarget)[];
}

/**
 * Of several targets opens the first one that can be read and written and has nothing under the backup's name; the only
 * one as it is. A BackupError that names them all when there is none.
 */
export async function openTargets(config: LoadedConfig, request: TargetsRequest, caller: Caller): Promise<OpenTargets> {
  const { target, furtherTargets = [] } = request;
  const open = async (settings: StorageSettings): Promise<OpenTarget> => {
    const encryption = request.encryptions?.get(targetName(settings)) ?? false;
    return { ...(await openTarget(config, settings, caller)), encryption };
  };
  if (furtherTargets.length === 0) return opened(await open(target), []);
  const targets = [target, ...furtherTargets];
  const passedOver: Failure[] = [];
  const close = (settings: StorageSettings): FurtherTarget & ClosedTarget => {
    const name = targetName(settings);
    const failure = passedOver.find((one) => one.name === name);
    const encryption = request.encryptions?.get(name);
    return { name, passedOver: failure?.message, encryption, open: () => open(settings) };
  };
  for (const settings of targets) {
    const first = await openUsable(() => open(settings), { ...request, target: settings }, caller);
    if (!("message" in first)) return opened(first, targets.filter((one) => one !== settings).map(close));
    passedOver.push(first);
  }
  throw noneUsable(passedOver);
}

function opened(first: OpenTarget, further: OpenTargets["further"]): OpenTargets {
  return { first, further, [Symbol.asyncDispose]: () => first[Symbol.asyncDispose]() };
}

interface Failure extends EventError {
  readonly name: string;
}

/** One that is out of reach does not keep the others from being tried; a bug does. */
async function openUsable(
  open: () => Promise<OpenTarget>,
  request: TargetsRequest,
  caller: Caller,
): Promise<OpenTarget | Failure> {
  try {
    const target = await open();
    try {
      await checkUsable(target, request, caller);
      return target;
    } catch (error) {
      await target[Symbol.asyncDispose]();
      throw error;
    }
  } catch (error) {
    caller.signal.throwIfAborted();
    const failure = toEventError(error);
    if (failure.code === "bug") throw error;
    return { name: targetName(request.target), ...failure };
  }
}

async function checkUsable(
  target: OpenTarget,
  { backup, policy, dryRun }: TargetsRequest,
  caller: Caller,
): Promise<void> {
  const { signal, now } = caller;
  const { refuseTaken } = await import("../engine/take-name.ts");
  if (policy === undefined) await refuseTaken(target.storage, backup, { signal });
  if (dryRun) return;
  const { checkTarget } = await import("../engine/check-target.ts");
  await checkTarget(target, { signal, now, id: newRunId(now()) });
}

/** With the code of the worst of them. */
function noneUsable(failures: readonly Failure[]): BackupError {
  const worst = worstStatus(failures.map(({ code }) => EXIT_STATUS[code]));
  const code = failures.find((failure) => EXIT_STATUS[failure.code] === worst)?.code ?? "failed";
  const reasons = failures.map(({ name, message }) => `${name}: ${message}`).join("; ");
  return new BackupError(code, `None of the ${failures.length} targets can be written: ${reasons}`, {
    hint: "milvus-backup check POLICY looks at each of them",
    facts: { targets: failures },
  });
}
