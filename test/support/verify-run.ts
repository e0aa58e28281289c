import { planChecks } from "../../src/core/check-plan.ts";
import type { CheckLevel, CheckPart } from "../../src/core/check-level.ts";
import type { RunReport } from "../../src/core/report.ts";
import type { CheckJob } from "../../src/engine/check-job.ts";
import { runChecks } from "../../src/engine/run-checks.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { closedTarget, createTestRun } from "./engine-run.ts";
import type { TestJob, TestRun } from "./engine-run.ts";

export interface VerifySetting extends Partial<Pick<CheckJob, "repair" | "openSource" | "unseal">> {
  readonly level: CheckLevel;
  readonly part?: CheckPart;
  readonly source?: string;
  readonly signal?: AbortSignal;
}

let runs = 0;

/** Checks b1 in a storage that is called nas, in a run of its own. */
export async function verify(
  job: Pick<TestJob, "limits" | "objectLimit">,
  storage: Storage,
  setting: VerifySetting,
): Promise<RunReport & { readonly run: TestRun }> {
  runs += 1;
  const { level, part, source, signal, ...given } = setting;
  const run = createTestRun(`verify_${runs}`, { ...(signal && { signal }) });
  const plan = planChecks(
    "b1",
    ["nas"],
    [{ level, part, source, repair: given.repair !== undefined, why: "asked for" }],
  );
  const { limits, objectLimit } = job;
  const report = await runChecks(plan, { run, limits, objectLimit, targets: [closedTarget("nas", storage)], ...given });
  return { ...report, run };
}
