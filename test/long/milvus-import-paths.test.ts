/** Why startImport() checks its paths: what the real Milvus 2.3.5 makes of bad ones. */
import { expect, it } from "vitest";
import { captureCollection } from "../../src/milvus/capture.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { createCollection, dropCollection } from "../../src/milvus/create.ts";
import { waitForImport } from "../../src/milvus/import.ts";
import { findPathProblem, type ImportPlace } from "../../src/milvus/import-path.ts";
import { listSegments } from "../../src/milvus/segments.ts";
import type { MilvusSession } from "../../src/milvus/session.ts";
import { createAll, dropAll } from "../support/dataset.ts";
import { withSuffix } from "../support/dataset-spec.ts";
import { datasetSpecs } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";

const database = "default";
const TARGET = { database, collection: "bad_paths" };
const specs = withSuffix(
  datasetSpecs.filter(({ name }) => name === "shared"),
  "_paths",
);
const SOURCE = { database, collection: "shared_paths" };

/** What a task comes to that is sent without the check. */
async function importUnchecked(milvus: MilvusSession, files: readonly string[]): Promise<string> {
  const request = {
    collection_name: TARGET.collection,
    partition_name: "_default",
    files,
    options: [{ key: "backup", value: "true" }],
  };
  try {
    const { reply } = await milvus.send("Import", request, { database });
    const { status, rows } = await waitForImport(milvus, reply.tasks[0] ?? "", { stallTimeoutMs: 120_000 });
    return `${status} with ${rows} rows`;
  } catch (error) {
    return /unsupported file type/.test(String(error)) ? "unsupported file type" : String(error);
  }
}

/** The directory of a segment as Milvus knows it. */
async function segmentDirectory(milvus: MilvusSession, place: ImportPlace): Promise<string> {
  const [segment] = await listSegments(milvus, SOURCE);
  const root = place === "disk" ? sandboxEnv().local.root : sandboxEnv().s3.root;
  return `${root}/insert_log/${segment?.collectionId}/${segment?.partitionId}/${segment?.id}/`;
}

it.each(["disk", "bucket"] as const)(
  "Milvus 2.3.5 imports no rows from a bad path on a %s and calls it complete",
  async (place) => {
    const { address } = place === "disk" ? sandboxEnv().local : sandboxEnv().s3;
    await using milvus = await connectMilvus({ address });
    await dropAll(address, specs);
    await createAll(address, specs);
    const { meta } = await captureCollection(milvus, SOURCE);
    await dropCollection(milvus, TARGET);
    await createCollection(milvus, { ...TARGET, meta, shards: 1, properties: [] });
    const good = await segmentDirectory(milvus, place);
    const bad = {
      "a double slash": good.replace("/insert_log/", "//insert_log/"),
      "a dot part": good.replace("/insert_log/", "/./insert_log/"),
      "a dot in the last element": `${good.slice(0, -1)}.x`,
      nothing: "",
      ...(place === "disk" && { "a relative path": good.slice(1) }), // with a slash before it, S3 servers differ
    };
    const outcomes = Object.entries({ "as it should be": good, ...bad }).map(
      async ([what, path]) => [what, await importUnchecked(milvus, [path, ""])] as const,
    );
    expect(Object.fromEntries(await Promise.all(outcomes))).toEqual({
      "as it should be": "completed with 25 rows",
      "a double slash": "completed with 0 rows",
      "a dot part": "completed with 0 rows",
      "a dot in the last element": "unsupported file type",
      nothing: "unsupported file type",
      ...(place === "disk" && { "a relative path": "completed with 0 rows" }),
    });
    expect(await importUnchecked(milvus, [good])).toBe("unsupported file type"); // one path is no backup
    expect(findPathProblem(good, place)).toBeUndefined();
    expect(Object.values(bad).filter((path) => findPathProblem(path, place) === undefined)).toEqual([]);
    await dropCollection(milvus, TARGET);
    await dropAll(address, specs);
  },
);
