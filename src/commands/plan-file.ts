import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { LoadedConfig } from "../config/load-config.ts";
import { BackupError } from "../core/errors.ts";
import { planHooks } from "../core/hook-plan.ts";
import type { Plan } from "../core/plan.ts";
import { findPlanChanges, findTargetChanges } from "../core/plan-changes.ts";
import { collectionsOf, decodePlanFile, encodePlanFile, targetsOf } from "../core/plan-file.ts";
import type { PlanFile, PlannedCollection, PlannedMoment, ReadPlanFile } from "../core/plan-file.ts";
import { checkBackupName } from "../format/backup-name.ts";
import type { Caller } from "./caller.ts";
import { policyRequest } from "./policy-request.ts";
import type { PolicyRequest } from "./policy-request.ts";
import type { PlannedBackup } from "./take-backup.ts";

/** A plan with what tells whether the world is still the one that it was made for. */
export function toPlanFile({ plan, source }: PlannedBackup, { name, digest }: PlanFile["policy"], now: Date): PlanFile {
  const inventory = digestCollections(collectionsOf(plan.steps));
  return { formatVersion: 1, madeAt: now.toISOString(), policy: { name, digest }, source, inventory, plan };
}

export async function writePlanFile({ cwd }: Caller, path: string, file: PlanFile): Promise<void> {
  try {
    await writeFile(resolve(cwd, path), encodePlanFile(file));
  } catch (cause) {
    if (!isOfFile(cause)) throw cause;
    throw new BackupError("failed", `Cannot write the plan to ${path}`, {
      cause,
      hint: "name a file that can be written",
    });
  }
}

/** What the policy of a plan file asks for, under the planned backup's name; "refused" when the policy is another now. */
export async function plannedRequest(config: LoadedConfig, path: string, caller: Caller): Promise<PolicyRequest> {
  const planned = await readPlanFile(caller, path);
  const request = policyRequest(config, planned.policy.name, caller);
  refuseOtherPolicy(planned, request.policy.digest);
  refuseOtherHooks(path, planned, request);
  return { ...request, backup: planned.plan.backup, planned };
}

async function readPlanFile({ cwd }: Caller, path: string): Promise<ReadPlanFile> {
  let content: string;
  try {
    content = await readFile(resolve(cwd, path), "utf8");
  } catch (cause) {
    if (!isOfFile(cause)) throw cause;
    throw new BackupError(cause.code === "ENOENT" ? "not-found" : "failed", `Cannot read the plan ${path}`, {
      cause,
      hint: "make one with milvus-backup plan POLICY --out FILE",
    });
  }
  const file = decodePlanFile(path, content);
  checkBackupName(file.plan.backup);
  if (digestCollections(file.plan.steps) === file.inventory) return file;
  throw changedByHand(path, "collections are not those of its digest");
}

/** What the system says of a file; Deno's refusal is another matter, with a hint of its own. */
function isOfFile(error: unknown): error is Error & { readonly code: unknown } {
  return error instanceof Error && "code" in error && error.name !== "NotCapable";
}

const PLAN_AGAIN = "plan it again, look at it, and run that";

function refuseOtherPolicy({ policy }: ReadPlanFile, digest: string): void {
  if (policy.digest === digest) return;
  throw new BackupError(
    "refused",
    `The plan is of another policy ${policy.name}: it, its source or a storage was changed`,
    {
      hint: PLAN_AGAIN,
      facts: { planned: policy.digest, now: digest },
    },
  );
}

/** Those of the policy are in its digest; what people have looked at must be these. */
function refuseOtherHooks(path: string, { plan }: ReadPlanFile, { hooks = [] }: PolicyRequest): void {
  if (momentsOf(plan.hooks) === momentsOf(planHooks(hooks, "backup"))) return;
  throw changedByHand(path, "hooks are not those of its policy");
}

function momentsOf(moments: readonly PlannedMoment[]): string {
  return JSON.stringify(moments.map(({ name, scope, on, use }) => [name, scope, on, use]));
}

function changedByHand(path: string, what: string): BackupError {
  return new BackupError("invalid", `${path} was changed after it was made: its ${what}`, { hint: PLAN_AGAIN });
}

/** A BackupError "refused", with a line a change, when the plan would not be made the same again. */
export function refuseChanges({ madeAt, plan: planned }: ReadPlanFile, plan: Plan): void {
  const changes = [
    ...findTargetChanges(planned, targetsOf(plan)),
    ...findPlanChanges(planned.steps, collectionsOf(plan.steps)),
  ];
  if (changes.length === 0) return;
  throw new BackupError(
    "refused",
    `The source or a target has changed since ${madeAt}:\n${changes.map((line) => `  ${line}`).join("\n")}`,
    {
      hint: PLAN_AGAIN,
      facts: { changes },
    },
  );
}

function digestCollections(collections: readonly PlannedCollection[]): string {
  const facts = collections.map(({ id, collectionId, schema }) => [id, collectionId, schema]);
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}
