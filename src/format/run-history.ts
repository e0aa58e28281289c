import { z } from "zod";
import { CHECK_LEVELS } from "../core/check-level.ts";
import { EXIT_STATUS } from "../core/errors.ts";
import type { ErrorCode, ExitStatus } from "../core/errors.ts";
import type { RunEntry } from "../core/run-entry.ts";
import { CONTROL_DIRECTORY } from "./keys.ts";

/** A run's record in a target, as its key tells it. */
export interface RunKey {
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly runId: string;
}

const DIRECTORY = `${CONTROL_DIRECTORY}/history/runs/`;

/** Stands where a policy's name would; no policy can be called that. */
const NO_POLICY = "-";

/** Where the records of a policy's runs are, of runs without a policy when it is undefined; with a slash at its end. */
export function runsOfPolicy(policy: string | undefined): string {
  return `${DIRECTORY}${policy ?? NO_POLICY}/`;
}

/** `.milvus-backup/history/runs/nightly/20261124T020000123Z_20261124_020000_1a2b3c4d.json`: in the order of their times. */
export function runKey({ policy, startedAt, runId }: Pick<RunEntry, "policy" | "startedAt" | "runId">): string {
  return `${runsOfPolicy(policy)}${startedAt.replaceAll(/[-:.]/g, "")}_${runId}.json`;
}

const NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z_(\w{1,128})\.json$/;

/** The inverse; undefined for what is none of ours, which is left alone. */
export function parseRunKey(key: string): RunKey | undefined {
  const [directory = "", name = ""] = splitLast(key);
  const [, ...parts] = NAME.exec(name) ?? [];
  const [year, month, day, hour, minute, second, ms, runId] = parts;
  if (runId === undefined || !/^[^/]+\/$/.test(directory.slice(DIRECTORY.length))) return undefined;
  const startedAt = `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`;
  const isOurs = directory.startsWith(DIRECTORY) && !Number.isNaN(Date.parse(startedAt));
  return isOurs ? { key, startedAt, runId } : undefined;
}

function splitLast(key: string): readonly [directory: string, name: string] {
  const end = key.lastIndexOf("/") + 1;
  return [key.slice(0, end), key.slice(end)];
}

const codes = Object.keys(EXIT_STATUS) as readonly ErrorCode[]; // the keys are the codes, by its type
const statuses: readonly ExitStatus[] = [0, ...Object.values(EXIT_STATUS)];
const text = z.string();
const state = z.enum(["complete", "partial", "failed", "interrupted", "skipped"]);

const entry: z.ZodType<RunEntry> = z.object({
  formatVersion: z.literal(1),
  runId: text,
  action: z.enum(["backup", "copy", "restore", "verify", "delete", "prune", "gc"]),
  policy: text.optional(),
  source: text.optional(),
  backup: text,
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  state,
  exitStatus: z.literal(statuses),
  collections: z.object({ all: z.number(), complete: z.number() }),
  rows: z.number(),
  bytes: z.number(),
  targets: z.array(z.object({ name: text, state: state.exclude(["skipped"]) })),
  checks: z.array(
    z.object({
      backup: text,
      target: text,
      level: z.enum(CHECK_LEVELS),
      verdict: z.enum(["ok", "damaged"]),
      seconds: z.number().optional(),
    }),
  ),
  errors: z.array(z.enum(codes)),
  summary: text,
});

export function encodeRunEntry(value: RunEntry): string {
  return `${JSON.stringify(entry.parse(value))}\n`;
}

/** Undefined for what is none, or of a later format: it tells this release nothing. */
export function decodeRunEntry(content: string): RunEntry | undefined {
  try {
    return entry.safeParse(JSON.parse(content)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
