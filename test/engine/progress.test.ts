import { describe, expect, it } from "vitest";
import { createProgress, formatProgress } from "../../src/engine/progress.ts";
import type { ProgressUpdate } from "../../src/engine/progress.ts";
import { createOutput, createTestRun } from "../support/engine-run.ts";

const update = (done: number, given: Partial<ProgressUpdate> = {}): ProgressUpdate => ({
  phase: "copy",
  done,
  total: 4 * 1024 ** 2,
  unit: "bytes",
  ...given,
});

/** Progress on a clock of its own: what is shown and recorded. */
function watch(isTerminal: boolean) {
  const clock = { ms: 1_000_000 };
  const shown: string[] = [];
  const display = { renderer: "default", output: createOutput(isTerminal) } as const;
  const run = createTestRun("r1", { now: () => new Date(clock.ms), display });
  return { progress: createProgress(run, "a", (line) => shown.push(line)), clock, shown, run };
}

describe("createProgress()", () => {
  it("createProgress() on a terminal shows the beginning of a phase at once, then not more often than ten times a second", () => {
    const { progress, clock, shown, run } = watch(true);
    for (const done of [0, 1, 2]) progress(update(done));
    clock.ms += 100;
    progress(update(3));
    progress(update(0, { phase: "import", unit: "rows", total: 9 }));
    expect(shown).toEqual(["copy 0 B of 4.0 MiB", "copy 3 B of 4.0 MiB", "import 0 rows of 9 rows"]);
    expect(run.events.map((event) => "done" in event && event.done)).toEqual([0, 3, 0]);
  });

  it("createProgress() without a terminal shows a line every ten seconds, and none for what takes less", () => {
    const { progress, clock, shown } = watch(false);
    for (let second = 0; second <= 25; second += 1) {
      progress(update(second * 1024));
      clock.ms += 1000;
    }
    expect(shown).toEqual([
      "copy 10.0 KiB of 4.0 MiB, 1.0 KiB/s, 1h 8m left",
      "copy 20.0 KiB of 4.0 MiB, 1.0 KiB/s, 1h 7m left",
    ]);
  });
});

describe("formatProgress()", () => {
  it.each([
    [update(0), 5000, "copy 0 B of 4.0 MiB"],
    [update(1024), 999, "copy 1.0 KiB of 4.0 MiB"],
    [update(1024 ** 2), 2000, "copy 1.0 MiB of 4.0 MiB, 512.0 KiB/s, 6.0s left"],
    [
      update(500, { phase: "import", unit: "rows", total: 1500 }),
      3000,
      "import 500 rows of 1,500 rows, 167 rows/s, 6.0s left",
    ],
    [update(4 * 1024 ** 2), 2000, "copy 4.0 MiB of 4.0 MiB, 2.0 MiB/s, 0.0s left"],
    [update(0, { total: 0 }), 2000, "copy 0 B of 0 B"],
  ])("formatProgress() of %o after %i ms", (given, elapsedMs, line) => {
    expect(formatProgress(given, elapsedMs)).toBe(line);
  });
});
