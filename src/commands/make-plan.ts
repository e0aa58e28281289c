import type { CollectionName, InventoryCollection } from "../core/collection-name.ts";
import { formatName } from "../core/collection-name.ts";
import type { CollectionFacts } from "../core/collection-facts.ts";
import { planBackup } from "../core/backup-plan.ts";
import { planCatchUp } from "../core/catch-up.ts";
import { BackupError } from "../core/errors.ts";
import { planHooks } from "../core/hook-plan.ts";
import type { CatchUpStep, Plan, PruneStep } from "../core/plan.ts";
import { compileSelection } from "../core/select.ts";
import { formatCount } from "../core/quantities.ts";
import type { Catalogs } from "../engine/catalogs.ts";
import type { OpenSource } from "../engine/places.ts";
import type { Caller } from "./caller.ts";
import type { OpenTargets } from "./open-targets.ts";
import { planDueChecks } from "./plan-due-checks.ts";
import { planDueHeals } from "./plan-heals.ts";
import type { BackupRequest } from "./take-backup.ts";

export interface PlanOptions {
  readonly source: OpenSource;
  readonly targets: OpenTargets;
  /** What to ask the source for sizes and schemas of: needed is what is selected by them. */
  readonly details: "needed" | "few" | "all";
}

/** Two requests each: more of them are not worth the wait where nothing depends on it. */
const FEW = 1000;

/** The plan of a backup: reads the source, writes nothing. */
export async function makePlan(
  request: BackupRequest,
  { source, targets, details }: PlanOptions,
  caller: Caller,
): Promise<Plan> {
  const { listInventory } = await import("../engine/inventory.ts");
  const { collections } = await listInventory(source.milvus, { signal: caller.signal });
  if (request.consistency !== "meta-only") await refuseForeignStorage(source, collections, caller);
  const { lookAtGcPause } = await import("../engine/gc-pause.ts");
  const gc = await lookAtGcPause(source, request, { signal: caller.signal });
  const { createCatalogs } = await import("../engine/catalogs.ts");
  const catalogs = createCatalogs(caller);
  const known = await askFor(source, collections, { request, details, caller });
  const plan = planBackup({
    ...request,
    ...known,
    source: source.name,
    target: targets.first.name,
    encrypted: [targets.first, ...targets.further]
      .map(({ name }) => name)
      .filter((name) => request.encryptions?.has(name)),
    furtherTargets: targets.further,
    catchUp: await missedBackups(request, { source, targets, catalogs }),
    policy: request.policy?.name,
  });
  const many = details === "few" && known.facts === undefined ? [TOO_MANY] : [];
  const checks = await planDueChecks(request, targets, caller);
  const heals = await planDueHeals(request, targets, caller);
  const healed = new Set(heals.steps.map(({ id }) => id));
  const prunes = await prunesOf(request, { plan, details, catalogs }, caller);
  const hooks = planHooks(request.hooks ?? [], "backup");
  return {
    ...plan,
    steps: [...plan.steps, ...heals.steps, ...checks.steps.filter(({ id }) => !healed.has(id)), ...prunes],
    ...(hooks.length > 0 && { hooks }),
    ...(gc && { gc }),
    warnings: [...source.milvus.warnings, ...plan.warnings, ...many, ...heals.warnings, ...checks.warnings],
  };
}

async function prunesOf(
  request: BackupRequest,
  look: { readonly plan: Plan; readonly catalogs: Catalogs } & Pick<PlanOptions, "details">,
  caller: Caller,
): Promise<readonly PruneStep[]> {
  if ((request.prunes ?? []).length === 0) return [];
  const { planPrunes } = await import("./plan-prunes.ts");
  return await planPrunes(request, look, caller);
}

const TOO_MANY = `of more than ${formatCount(FEW)} collections no sizes are estimated; --out asks for them all`;

/** Of one target nothing can be missing in another. A target that cannot be looked at now has its turn another time. */
async function missedBackups(
  { policy }: BackupRequest,
  {
    source,
    targets: { first, further },
    catalogs,
  }: Pick<PlanOptions, "source" | "targets"> & { readonly catalogs: Catalogs },
): Promise<readonly CatchUpStep[]> {
  if (policy === undefined || further.length === 0) return [];
  const { listTargets } = await import("../engine/list-targets.ts");
  const listed = await listTargets(first, further, catalogs);
  return planCatchUp(listed, { policy: policy.name, source: source.name });
}

interface Known {
  readonly inventory: readonly InventoryCollection[];
  /** Absent when nobody asked. */
  readonly facts?: ReadonlyMap<string, CollectionFacts>;
}

interface Question {
  readonly request: BackupRequest;
  readonly details: PlanOptions["details"];
  readonly caller: Caller;
}

/** Of what the patterns select; one that was dropped since the list is as if it had never been on it. */
async function askFor(
  { milvus }: OpenSource,
  collections: readonly InventoryCollection[],
  { request, details, caller }: Question,
): Promise<Known> {
  const decide = compileSelection(request.select);
  const isSelected = (collection: CollectionName): boolean => decide(collection).isSelected;
  const selected = collections.filter(isSelected);
  const isWorthIt = details === "all" || (details === "few" && selected.length <= FEW);
  if (!isWorthIt && request.select.where === undefined) return { inventory: collections };
  const { surveyCollections } = await import("../engine/survey.ts");
  const facts = await surveyCollections(milvus, selected, { signal: caller.signal });
  return { facts, inventory: collections.filter((one) => !isSelected(one) || facts.has(formatName(one))) };
}

/** A wrong bucket or root path is the most frequent reason for backups that hold nothing: it ends before the first write. */
async function refuseForeignStorage(
  source: OpenSource,
  collections: readonly CollectionName[],
  caller: Caller,
): Promise<void> {
  const { checkStorage } = await import("../engine/check-source.ts");
  const { status, message, hint } = await checkStorage(source, collections, { signal: caller.signal });
  if (status === "failed")
    throw new BackupError("unreachable", `The storage is not this Milvus's own: ${message}`, { hint });
}
