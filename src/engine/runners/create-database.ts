import type { CreateDatabaseStep } from "../../core/plan.ts";
import type { DatabaseMeta } from "../../format/meta.ts";
import { createDatabase as createIn } from "../../milvus/create.ts";
import { isMilvusError } from "../../milvus/errors.ts";
import type { Job } from "../places.ts";
import type { StepRunner } from "../run-steps.ts";

/** Databases get the properties that they had, where the server that was backed up could tell them. */
export function createDatabase(
  { source, run }: Job,
  recorded: readonly DatabaseMeta[],
): StepRunner<CreateDatabaseStep["kind"]> {
  return async ({ database, like }) => {
    const properties = recorded.find(({ db_name }) => db_name === like)?.properties ?? [];
    try {
      await createIn(source.milvus, database, { signal: run.signal, properties });
    } catch (error) {
      if (!isMilvusError(error, "exists")) throw error;
      return "there meanwhile: another run has made it since the plan";
    }
    return "created";
  };
}
