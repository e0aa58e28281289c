import { formatBytes, formatCount, formatDuration } from "../core/quantities.ts";
import type { Run } from "./run.ts";

export interface ProgressUpdate {
  /** "flush", "copy", "import" … */
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly unit: "bytes" | "rows" | "objects";
}

/** Told often, shown and recorded seldom. */
export type Progress = (update: ProgressUpdate) => void;

/** A terminal's line may change this often; without a terminal every output is a new line. */
const TERMINAL_INTERVAL_MS = 100;
const LOG_INTERVAL_MS = 10_000;

/**
 * The progress of one step: recorded as events, and shown as "copy 1.2 GiB of 4.0 GiB, 90 MiB/s, 31s left". The
 * beginning of a phase is always recorded; after that, and on the screen, an interval is kept.
 */
export function createProgress(run: Run, step: string, show: (line: string) => void): Progress {
  const isTerminal = run.display.renderer === "default" && run.display.output.isTTY;
  const intervalMs = isTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
  let phase = { name: "", startedAt: 0, toldAt: 0 };
  return (update) => {
    const now = run.now().getTime();
    const isNew = update.phase !== phase.name;
    if (isNew) phase = { name: update.phase, startedAt: now, toldAt: now };
    else if (now - phase.toldAt < intervalMs) return;
    phase.toldAt = now;
    run.record({ type: "step.progress", step, ...update });
    if (isTerminal || !isNew) show(formatProgress(update, now - phase.startedAt));
  };
}

/** Rate and time left are of this phase so far; they are left out until there is something to reckon with. */
export function formatProgress({ phase, done, total, unit }: ProgressUpdate, elapsedMs: number): string {
  const format = (value: number): string =>
    unit === "bytes" ? formatBytes(value) : `${formatCount(Math.round(value))} ${unit}`;
  const line = `${phase} ${format(done)} of ${format(total)}`;
  if (done === 0 || elapsedMs < 1000) return line;
  const leftMs = (elapsedMs * (total - done)) / done;
  return `${line}, ${format((done * 1000) / elapsedMs)}/s, ${formatDuration(leftMs)} left`;
}
