import { openBackup } from "../catalog/open-backup.ts";
import type { OpenBackup } from "../catalog/open-backup.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import type { RestoreBackupOptions } from "../core/contracts/library.ts";
import { BackupError } from "../core/errors.ts";
import type { Plan } from "../core/plan.ts";
import type { RunReport } from "../core/report.ts";
import type { ResumableRestore } from "../engine/find-restore.ts";
import type { OpenSource, OpenTarget } from "../engine/places.ts";
import type { RestoreRequest } from "../engine/restore.ts";
import type { RestoreChoices } from "../engine/restore-job.ts";
import { checkBackupName } from "../format/backup-name.ts";
import { createLimit } from "../io/limit.ts";
import type { RunCaller } from "./caller.ts";
import { execute } from "./execute.ts";
import { findTarget } from "./find-target.ts";
import { ALIAS_CHOICES, CONFLICT_POLICIES, INDEX_CHOICES } from "./choices.ts";
import { oneOf } from "./one-of.ts";
import { openSource, openTarget } from "./open-places.ts";
import { readPatterns } from "./read-patterns.ts";
import { newRunId } from "./start-run.ts";
import { createUnseal } from "./unseal.ts";
import { chooseSource, loadWorkspace } from "./workspace.ts";
import { recordIn } from "./record-run.ts";

/** As flags and programs without types give it. */
export interface RestoreWords extends Omit<RestoreBackupOptions, "onConflict" | "index" | "aliases"> {
  readonly onConflict?: string | undefined;
  readonly index?: string | undefined;
  readonly aliases?: string | undefined;
}

/** Brings a backup back, or plans it only; throws when it could not even begin. */
export async function restoreBackup(words: RestoreWords, caller: RunCaller): Promise<Plan | RunReport> {
  const { backup, dryRun = false } = words;
  checkBackupName(backup);
  const { request, choices } = readWords(words);
  const config = await loadWorkspace(caller, words);
  const { settings, entry, warnings } = await findTarget(config, backup, { choices: words, caller });
  await using raw = await openTarget(config, settings, caller);
  const target = { ...raw, storage: await createUnseal(config, words, caller)(raw.storage, backup) };
  const opened = await openBackup(target.storage, backup, { signal: caller.signal });
  const place = chooseSource(
    config,
    { choices: words, caller, segments: bucketOf(settings) },
    originOf(config, entry.source),
  );
  await using source = await openSource(config, place, caller);
  const runId = newRunId(caller.now());
  const { prepareRestore, runRestore } = await import("../engine/restore.ts");
  const { openMetaStore } = await import("../engine/meta-store.ts");
  await using metas = await openMetaStore(runId);
  const resumed = words.resume
    ? await findEarlier(words, { source, target, opened, request, choices }, caller)
    : undefined;
  const planned = await prepareRestore({ source, target, opened, metas, signal: caller.signal, resumed }, request);
  const assumed = place.isAssumed ? [readInPlace(planned, source.name)] : [];
  const plan = { ...planned, warnings: [...warnings, ...assumed, ...source.milvus.warnings, ...planned.warnings] };
  if (dryRun) return plan;
  const places = { source, target, limits: config.limits, objectLimit: createLimit(config.limits.objects) };
  const what = { policy: entry.policy, source: place.source.name, backup };
  const history = await recordIn(config, { action: "restore", ...what, targets: [settings] }, caller);
  return await execute(config, { action: "restore", caller, runId, history }, (run) =>
    runRestore(plan, { ...places, run }, { opened, metas, request, choices, resumed, patience: caller.patience }),
  );
}

/** The bucket that a backup is in, whole; of a directory no Milvus can be taken to use it. */
function bucketOf(settings: StorageSettings): StorageSettings | undefined {
  return settings.type === "local" ? undefined : { ...settings, prefix: "" };
}

/** What to know of a restore into a Milvus of which nobody said where it keeps its segments: it must read the backup by itself. */
function readInPlace({ backup, target, steps }: Plan, source: string): string {
  const isCopied = steps.some((step) => step.kind === "restore-collection" && step.files === "copied");
  if (!isCopied) return `the Milvus at ${source} is taken to use the bucket of ${target}; else say --source-storage`;
  throw new BackupError(
    "usage",
    `Cannot tell where the Milvus at ${source} keeps its segments, into which ${backup} must be copied`,
    {
      hint: "say --source-storage PLACE: its bucket with its root path (s3://a-bucket/files?endpoint=…)",
    },
  );
}

interface Asked {
  readonly source: OpenSource;
  readonly target: OpenTarget;
  readonly opened: OpenBackup;
  readonly request: RestoreRequest;
  readonly choices: RestoreChoices;
}

/** What an interrupted restore that asked for the same left, in this target and this Milvus. */
async function findEarlier(
  { backup }: RestoreWords,
  { source, target, opened, request, choices }: Asked,
  { signal }: RunCaller,
): Promise<ResumableRestore> {
  if (request.onConflict === "append") {
    throw new BackupError("usage", "A restore with --on-conflict append cannot be resumed", {
      hint: "nothing tells the rows that it brought in from those that were there",
    });
  }
  const { findRestore } = await import("../engine/find-restore.ts");
  const { askedOfRestore } = await import("../engine/restore-state.ts");
  const asked = askedOfRestore({ opened, request, choices });
  return await findRestore(target.storage, { backup, asked, milvus: source.milvus, signal });
}

function readWords(words: RestoreWords): { readonly request: RestoreRequest; readonly choices: RestoreChoices } {
  const { collections = [], suffix, renames, load = false } = words;
  const { onConflict = "fail", index = "same", aliases = "kept" } = words;
  return {
    request: {
      select: readPatterns("collections", collections),
      suffix,
      renames,
      onConflict: oneOf("on-conflict", onConflict, CONFLICT_POLICIES),
    },
    choices: { index: oneOf("index", index, INDEX_CHOICES), aliases: oneOf("aliases", aliases, ALIAS_CHOICES), load },
  };
}

/** The source that the backup was made of, where the config still has it. */
function originOf(config: LoadedConfig, source: string | undefined): string | undefined {
  return source !== undefined && config.sources.has(source) ? source : undefined;
}
