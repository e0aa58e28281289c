import type { CreateDatabaseStep } from "../../core/plan.ts";
import { createDatabase } from "../../milvus/create.ts";
import { isMilvusError } from "../../milvus/errors.ts";
import type { Job } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";

/** Another run may have made it since the plan: what is put into it is guarded by itself. */
export function createDatabaseStep({ source, run }: Job): StepRunner<CreateDatabaseStep["kind"]> {
  return async ({ database }) => {
    try {
      await createDatabase(source.milvus, database, { signal: run.signal });
    } catch (error) {
      if (!isMilvusError(error, "exists")) throw error;
      return "there meanwhile";
    }
    return "created";
  };
}
