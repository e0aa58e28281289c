import type { BeginStep } from "../../core/plan.ts";
import type { Manifest } from "../../format/manifest.ts";
import type { StepRunner } from "../run-steps.ts";
import type { Job } from "../places.ts";
import { takeName } from "../take-name.ts";

/** Takes the name: from here on the backup is listed as running, or as interrupted, until it is committed. */
export function beginBackup({ run, target }: Job, manifest: Manifest): StepRunner<BeginStep["kind"]> {
  return async () => {
    await takeName(target.storage, manifest, { signal: run.signal });
    return manifest.backup;
  };
}
