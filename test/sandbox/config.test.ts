/** A run on a real Milvus uses the config and the policies as they were when it began. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { runPolicy } from "../../src/index.ts";
import type { BackupEvent } from "../../src/index.ts";
import { MANIFEST_KEY } from "../../src/format/keys.ts";
import { createAll } from "../support/dataset.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { datasetSpecs } from "../support/dataset-specs.ts";
import { parseJson } from "../support/parse-json.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, toDisk, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().local;
let workspace: Workspace;
let database: string;

beforeAll(async () => {
  workspace = await createWorkspace((names) => ({ defaults: toDisk(`${names.database("config")}.*`) }));
  database = workspace.database("config");
  const specs = datasetSpecs.filter(({ name }) => name === "empty" || name === "shared");
  await createAll(address, inDatabases(specs, { default: database }));
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);
