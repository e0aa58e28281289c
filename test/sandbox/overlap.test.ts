/** Two processes that run one policy at the same moment, and a third after one was killed; on the real Milvus. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { History } from "../../src/commands/show-history.ts";
import { createAll } from "../support/dataset.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { killRun } from "../support/kill-run.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { spawnCli } from "../support/spawn-cli.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace((names) => ({
    policies: {
      nightly: {
        ...toDisk(`${names.database("overlap")}.text_keys`),
        schedule: { cron: "0 2 * * *", timezone: "Europe/Berlin" },
        // held until the other one has ended: the test does not depend on who is faster
        hooks: [{ on: "before", scope: "action", shell: "until test -e go; do sleep 0.05; done" }],
      },
    },
  }));
  await createAll(
    sandboxEnv().local.address,
    inDatabases([specOf("text_keys")], { default: workspace.database("overlap") }),
  );
}, 60_000);

afterAll(() => workspace[Symbol.asyncDispose]());

it("of two processes that run a policy at the same moment one takes the backup, the other is left out with 75; history has both", async () => {
  const runs = [1, 2].map(() => spawnCli(workspace, "run nightly --json"));
  const first = await Promise.race(runs);
  expect([first.status, reportOf(first).summary]).toEqual([
    75,
    expect.stringContaining("another run of nightly is under way"),
  ]);
  await writeFile(join(workspace.path, "go"), "");
  const results = await Promise.all(runs);
  expect(results.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([0, 75]);
  const { stdout } = await workspace.milvusBackup("history nightly --json");
  const { runs: told, targets } = JSON.parse(stdout) as History;
  expect(told.map(({ state }) => state).toSorted()).toEqual(["complete", "skipped"]);
  expect(targets).toMatchObject([{ runs: 1, complete: 1, successRate: 1 }]);
}, 60_000);

it("a run that was killed keeps nobody out, and is in the history by the backup that it left", async () => {
  const killed = await killRun(workspace, "run nightly", (kill, events) => {
    const last = events.at(-1);
    if (last?.type === "step.started" && last.kind === "back-up-collection") kill();
  });
  expect(killed.wasKilled).toBe(true);
  const shown = await workspace.milvusBackup("history nightly --limit 1 --json");
  expect((JSON.parse(shown.stdout) as History).runs).toMatchObject([{ state: "interrupted" }]);
  expect(await workspace.milvusBackup("run nightly")).toMatchObject({ status: 0 });
}, 60_000);
