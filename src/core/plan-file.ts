import { z } from "zod";
import { BackupError } from "./errors.ts";
import type { Plan } from "./plan.ts";

/** A plan that was looked at and is to be carried out as it is, or not at all. */
export interface PlanFile {
  readonly formatVersion: 1;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly policy: { readonly name: string; readonly digest: string };
  readonly source: PlannedSource;
  /** sha256, hex, of the collections that are taken: names, ids, schemas. */
  readonly inventory: string;
  readonly plan: Plan;
}

export interface PlannedSource {
  readonly name: string;
  readonly address: string;
  readonly milvusVersion: string;
}

/** What is compared of a plan file with the world: the rest is for people. */
export interface ReadPlanFile extends Omit<PlanFile, "plan"> {
  readonly plan: PlannedTargets & {
    readonly backup: string;
    readonly steps: readonly PlannedCollection[];
    readonly hooks: readonly PlannedMoment[];
  };
}

/** Where a plan writes the backup, and where it copies it then. */
export interface PlannedTargets {
  readonly target: string;
  readonly copies: readonly string[];
}

/** A hook as a plan has it, but for its reason. */
export type PlannedMoment = Readonly<Record<"name" | "scope" | "on" | "use", string>>;

/** A collection as a plan takes it. */
export interface PlannedCollection {
  readonly id: string;
  readonly collectionId?: string | undefined;
  readonly schema?: string | undefined;
}

const text = z.string();
const step = z.object({
  kind: text,
  id: text,
  collectionId: text.optional(),
  schema: text.optional(),
  target: text.optional(),
});
const hook = z.object({ name: text, scope: text, on: text, use: text });
const planFile = z.object({
  formatVersion: z.literal(1),
  madeAt: z.iso.datetime(),
  policy: z.object({ name: text, digest: text }),
  source: z.object({ name: text, address: text, milvusVersion: text }),
  inventory: text,
  plan: z.object({
    version: z.literal(1),
    action: z.literal("backup"),
    backup: text,
    target: text,
    steps: z.array(step),
    hooks: z.array(hook).default([]),
  }),
});

/** JSON that a review can read. */
export function encodePlanFile(file: PlanFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** A BackupError "invalid" for what is no plan file. */
export function decodePlanFile(path: string, content: string): ReadPlanFile {
  const checked = planFile.safeParse(parseJson(path, content));
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw noPlanFile(path, `${issue?.path.join(".") || "the file"}: ${issue?.message ?? "it is none"}`, checked.error);
  }
  const { plan, ...head } = checked.data;
  const { backup, steps, hooks } = plan;
  return { ...head, plan: { backup, ...targetsOf(plan), steps: collectionsOf(steps), hooks } };
}

export function targetsOf({
  target,
  steps,
}: {
  readonly target: string;
  readonly steps: readonly { readonly kind: string; readonly target?: string | undefined }[];
}): PlannedTargets {
  return { target, copies: steps.flatMap((one) => (one.kind === "copy-backup" ? (one.target ?? []) : [])) };
}

/** The steps that take collections, as far as it matters which. */
export function collectionsOf(
  steps: readonly (PlannedCollection & { readonly kind: string })[],
): readonly PlannedCollection[] {
  return steps
    .filter(({ kind }) => kind === "back-up-collection")
    .map(({ id, collectionId, schema }) => ({ id, collectionId, schema }));
}

function parseJson(path: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    if (error instanceof SyntaxError) throw noPlanFile(path, "it is not JSON", error);
    throw error;
  }
}

function noPlanFile(path: string, why: string, cause: Error): BackupError {
  return new BackupError("invalid", `${path} is no plan file: ${why}`, {
    cause,
    hint: "make one with milvus-backup plan POLICY --out FILE",
  });
}
