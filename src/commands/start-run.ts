import { randomBytes } from "node:crypto";
import { createRun } from "../engine/run.ts";
import type { Run } from "../engine/run.ts";
import type { RunCaller } from "./caller.ts";

/** A run of this caller, under an id of its own. */
export function startRun({ signal, now, display, onEvent }: RunCaller, runId: string = newRunId(now())): Run {
  return createRun({ runId, signal, now, display, onEvent });
}

/** Sorts by time, and fits into names of collections and keys: letters, digits and "_". */
export function newRunId(now: Date): string {
  const stamp = now
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, "")
    .replace("T", "_");
  return `${stamp}_${randomBytes(4).toString("hex")}`;
}
