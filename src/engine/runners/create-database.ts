import type { CreateDatabaseStep } from "../../core/plan.ts";
import { createDatabase } from "../../milvus/create.ts";
import type { Job } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";

export function createDatabaseStep({ source, run }: Job): StepRunner<CreateDatabaseStep["kind"]> {
  return async ({ database }) => {
    await createDatabase(source.milvus, database, { signal: run.signal });
    return "created";
  };
}
