import { isDeepStrictEqual } from "node:util";
import { findPlace } from "../config/place.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { BackupEntry } from "../catalog/entry.ts";
import { planCopy } from "../core/copy-backup-plan.ts";
import type { CopyBackupOptions } from "../core/contracts/library.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { WantedEncryption } from "../core/copy-form.ts";
import { BackupError } from "../core/errors.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { OpenTarget } from "../engine/places.ts";
import { checkBackupName } from "../format/backup-name.ts";
import { createLimit } from "../io/limit.ts";
import type { RunCaller } from "./caller.ts";
import { execute } from "./execute.ts";
import { findTarget } from "./find-target.ts";
import { openTarget, targetName } from "./open-places.ts";
import { recordIn } from "./record-run.ts";
import { readRecipients } from "./read-recipients.ts";
import { encryptionsOf } from "./target-encryption.ts";
import { createFindDataKeys } from "./unseal.ts";
import { chooseTargets, loadWorkspace } from "./workspace.ts";

/** Brings a backup into another target, or plans it only; throws when it could not even begin. */
export async function copyBackup(options: CopyBackupOptions, caller: RunCaller): Promise<Plan | RunReport> {
  const { backup, dryRun = false } = options;
  checkBackupName(backup);
  const choices = { ...options, target: options.from };
  const config = await loadWorkspace(caller, { ...choices, target: options.from ?? options.to });
  const to = chooseDestination(config, options.to, caller);
  const found = await findTarget(config, backup, {
    choices,
    caller,
    except: options.from === undefined ? targetName(to) : undefined,
  });
  const names = { from: targetName(found.settings), to: targetName(to) };
  await using from = await openTarget(config, found.settings, caller);
  await refuseItself(from, { backup, to, config }, caller);
  const planned = planCopy(found.entry, names);
  const encryption = await encryptionAt(config, { options, entry: found.entry, to });
  const plan = { ...planned, warnings: [...found.warnings, ...planned.warnings] };
  if (dryRun) return plan;
  const { runCopy } = await import("../engine/copy.ts");
  const { limits } = config;
  const { policy, source } = found.entry;
  const what = { action: "copy", policy, source, backup, targets: [to, found.settings] } as const;
  const history = await recordIn(config, what, caller);
  return await execute(config, { action: "copy", caller, history }, (run) =>
    runCopy(
      plan,
      {
        run,
        limits,
        objectLimit: createLimit(limits.objects),
        findDataKeys: createFindDataKeys(config, options, caller),
      },
      { from, to: { name: names.to, open: async () => ({ ...(await openTarget(config, to, caller)), encryption }) } },
    ),
  );
}

/** As a target of a policy is called, or a place. */
function chooseDestination(config: LoadedConfig, to: string, caller: RunCaller): StorageSettings {
  const [first] = chooseTargets(config, { choices: { target: to }, caller });
  return first ?? findPlace(config, to, caller.cwd);
}

interface Encrypting {
  readonly options: CopyBackupOptions;
  readonly entry: BackupEntry;
  readonly to: StorageSettings;
}

/** As it is asked for, else as the policy that made the backup wants it in that target; undefined leaves it as it is. */
async function encryptionAt(
  config: LoadedConfig,
  { options: { encryptTo }, entry, to }: Encrypting,
): Promise<WantedEncryption> {
  if (encryptTo !== undefined) return { recipients: await readRecipients(encryptTo) };
  const policy = config.policies.get(entry.policy ?? "");
  return policy && encryptionsOf(config, policy).get(targetName(to));
}

interface Destination {
  readonly backup: string;
  readonly to: StorageSettings;
  readonly config: LoadedConfig;
}

/** One place may be called in several ways. */
async function refuseItself(from: OpenTarget, { backup, to, config }: Destination, caller: RunCaller): Promise<void> {
  await using target = await openTarget(config, to, caller);
  if (!isDeepStrictEqual(target.storage.location, from.storage.location)) return;
  throw new BackupError("usage", `Cannot copy ${backup} from ${from.name} to itself`, {
    hint: "say another place with --to",
  });
}
