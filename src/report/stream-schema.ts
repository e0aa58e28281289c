import { z } from "zod";
import type { ExitStatus } from "../core/errors.ts";
import type { BackupEvent, EventError } from "../core/events.ts";
import type { RunReport } from "../core/report.ts";
import type { RunSummary } from "../core/run-summary.ts";
import type { Same } from "../core/same.ts";
import {
  checkSchema,
  errorSchema,
  eventSchema,
  exitStatusSchema,
  outcomeSchema,
  garbageSchema,
  pruneSchema,
  targetSchema,
} from "./event-schema.ts";
import { collectionNameSchema, planSchema } from "./plan-schema.ts";

/** Grows when a reader of this version could misread a line. */
const STREAM_VERSION = 1;

/** A policy whose run could not even begin: nothing was written. */
export interface NotStarted {
  readonly type: "not-started";
  readonly version: 1;
  readonly policy: string;
  readonly error: EventError;
  readonly exitStatus: ExitStatus;
}

/** A line of what run, create, copy, restore, verify, drill, delete, prune and gc print with --json: version 1 of the event stream. */
export type StreamLine =
  | BackupEvent
  | (RunReport & { readonly type: "report" })
  | NotStarted
  | (RunSummary & { readonly type: "summary" });

const gc = z.strictObject({
  mode: z.enum(["require", "prefer"]),
  state: z.enum(["held", "lapsed", "not-paused"]),
  pausedAt: z.iso.datetime().optional(),
  lapsedAt: z.iso.datetime().optional(),
  releasedAt: z.iso.datetime().optional(),
  until: z.iso.datetime().optional(),
  reason: z.string().optional(),
});

const report = z.strictObject({
  type: z.literal("report"),
  version: z.literal(1),
  runId: z.string(),
  action: z.enum(["backup", "copy", "restore", "verify", "delete", "prune", "gc"]),
  backup: z.string(),
  policy: z.string().optional(),
  source: z.string().optional(),
  target: z.string(),
  state: z.enum(["complete", "partial", "failed", "interrupted", "skipped"]),
  exitStatus: exitStatusSchema,
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  collections: z.array(outcomeSchema),
  targets: z.array(targetSchema).optional(),
  gc: gc.optional(),
  checks: z.array(checkSchema).optional(),
  prunes: z.array(pruneSchema).optional(),
  garbage: garbageSchema.optional(),
  errors: z.array(errorSchema),
  warnings: z.array(z.string()),
  summary: z.string(),
});

const notStarted = z.strictObject({
  type: z.literal("not-started"),
  version: z.literal(1),
  policy: z.string(),
  error: errorSchema,
  exitStatus: exitStatusSchema,
});

const summary = z.strictObject({
  type: z.literal("summary"),
  version: z.literal(1),
  exitStatus: exitStatusSchema,
  policies: z.array(
    z.strictObject({
      policy: z.string(),
      state: z.enum(["complete", "partial", "failed", "interrupted", "skipped", "not-started"]),
      exitStatus: exitStatusSchema,
      backup: z.string().optional(),
      summary: z.string(),
    }),
  ),
  summary: z.string(),
});

const line = z.union([eventSchema, report, notStarted, summary]);
export const streamSchema: z.ZodType<StreamLine, StreamLine> = line satisfies Same<typeof line, StreamLine, StreamLine>;

/** The stream's JSON schema. Members that it does not know are allowed: they may be added without a new version. */
export function streamJsonSchema(): object {
  const names = z.registry<{ id: string }>();
  names.add(eventSchema, { id: "Event" }).add(planSchema, { id: "Plan" }).add(collectionNameSchema, { id: "Name" });
  names.add(outcomeSchema, { id: "CollectionOutcome" }).add(errorSchema, { id: "Error" });
  names.add(targetSchema, { id: "TargetOutcome" });
  names.add(checkSchema, { id: "CheckOutcome" });
  names.add(exitStatusSchema, { id: "ExitStatus" });
  const schema = z.toJSONSchema(streamSchema, {
    io: "input",
    metadata: names,
    override: ({ jsonSchema }) => void delete jsonSchema.additionalProperties,
  });
  return { title: "A line that milvus-backup prints with --json", version: STREAM_VERSION, ...schema };
}
