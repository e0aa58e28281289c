/** Several policies in one process on the real Milvus: what is printed for programs, and what is logged beside it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { streamSchema } from "../../src/report/stream-schema.ts";
import { createAll } from "../support/dataset.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { spawnCli } from "../support/spawn-cli.ts";
import { createWorkspace, toDisk, type Workspace } from "../support/workspace.ts";

let workspace: Workspace;
let database: string;

beforeAll(async () => {
  workspace = await createWorkspace((names) => ({
    sources: { away: { address: "127.0.0.1:1", storage: "milvus-disk" } },
    policies: {
      broken: { source: "away", targets: [{ storage: "disk" }] },
      nightly: toDisk(`${names.database("groups")}.text_keys`),
      empty: toDisk(`${names.database("groups")}.empty`),
    },
    groups: { prod: ["broken", "nightly", "empty"] },
  }));
  database = workspace.database("groups");
  const specs = ["text_keys", "empty"].map(specOf);
  await createAll(sandboxEnv().local.address, inDatabases(specs, { default: database }));
});

afterAll(() => workspace[Symbol.asyncDispose]());

it("run --group takes the other backups though the first policy cannot begin; stdout and stderr are JSON lines", async () => {
  const { status, stdout, stderr } = await spawnCli(workspace, "run --group prod --json --log-format json");
  const lines = stdout.split("\n").map((line) => streamSchema.parse(JSON.parse(line)));
  const ends = lines.filter(({ type }) => ["not-started", "report", "summary"].includes(type));
  expect(ends).toMatchObject([
    { type: "not-started", policy: "broken", exitStatus: 14 },
    { type: "report", policy: "nightly", state: "complete" },
    { type: "report", policy: "empty", state: "complete" },
    { type: "summary", exitStatus: 14, summary: "2 of 3 policies complete" },
  ]);
  expect([status, lines.at(-1)?.type]).toEqual([14, "summary"]);
  expect((await workspace.list("disk")).map(({ policy, state }) => [policy, state]).toSorted()).toEqual([
    ["empty", "complete"],
    ["nightly", "complete"],
  ]);

  const logged = stderr.split("\n").map((line): Record<string, unknown> => JSON.parse(line));
  expect(logged.filter(({ policy }) => policy === "broken")).toMatchObject([{ level: "error", code: "unreachable" }]);
  const told = logged.filter(({ runId }) => runId !== undefined).map(({ runId, type }) => [runId, type]);
  expect(told).toEqual(lines.flatMap((line) => ("at" in line ? [[line.runId, line.type]] : [])));
});

it("run prints a report for people behind each policy, and a table of all in the end", async () => {
  const { status, stdout } = await workspace.milvusBackup("run nightly empty");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^STATE +ROWS +OBJECTS +BYTES +COLLECTION$/m);
  expect(stdout).toMatch(/^ {2}milvus-backup restore nightly_\w+ brings it back$/m);
  expect(stdout.split("\n").slice(-5)).toEqual([
    "EXIT  STATE     POLICY   BACKUP",
    expect.stringMatching(/^ {3}0 {2}complete {2}nightly {2}nightly_\w+$/),
    expect.stringMatching(/^ {3}0 {2}complete {2}empty {4}empty_\w+$/),
    "",
    "2 of 2 policies complete",
  ]);
});
