import type { CollectionName, InventoryCollection } from "../core/collection-name.ts";
import { formatName } from "../core/collection-name.ts";
import type { CollectionFacts } from "../core/collection-facts.ts";
import { planBackup } from "../core/backup-plan.ts";
import { BackupError } from "../core/errors.ts";
import type { Plan } from "../core/plan.ts";
import { compileSelection } from "../core/select.ts";
import type { OpenSource, OpenTarget } from "../engine/places.ts";
import type { Caller } from "./caller.ts";
import type { BackupRequest } from "./take-backup.ts";

export interface PlanOptions {
  readonly source: OpenSource;
  readonly target: OpenTarget;
  /** Ask the source for sizes and schemas, also where nothing is selected by them. */
  readonly isDetailed: boolean;
}

/** The plan of a backup: reads the source, writes nothing. */
export async function makePlan(
  request: BackupRequest,
  { source, target, isDetailed }: PlanOptions,
  caller: Caller,
): Promise<Plan> {
  const { listInventory } = await import("../engine/inventory.ts");
  const { collections } = await listInventory(source.milvus, { signal: caller.signal });
  if (request.consistency !== "meta-only") await refuseForeignStorage(source, collections, caller);
  const isAsked = isDetailed || request.select.where !== undefined;
  const known = isAsked ? await askFor(source, collections, { request, caller }) : { inventory: collections };
  const plan = planBackup({
    ...request,
    ...known,
    source: source.name,
    target: target.name,
    policy: request.policy?.name,
  });
  return { ...plan, warnings: [...source.milvus.warnings, ...plan.warnings] };
}

interface Known {
  readonly inventory: readonly InventoryCollection[];
  readonly facts: ReadonlyMap<string, CollectionFacts>;
}

/** Of what the patterns select; one that was dropped since the list is as if it had never been on it. */
async function askFor(
  { milvus }: OpenSource,
  collections: readonly InventoryCollection[],
  { request, caller }: { readonly request: BackupRequest; readonly caller: Caller },
): Promise<Known> {
  const { surveyCollections } = await import("../engine/survey.ts");
  const decide = compileSelection(request.select);
  const isSelected = (collection: CollectionName): boolean => decide(collection).isSelected;
  const facts = await surveyCollections(milvus, collections.filter(isSelected), { signal: caller.signal });
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
