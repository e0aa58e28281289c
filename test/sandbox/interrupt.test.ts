/** Ctrl-C while files are copied and while Milvus imports: what is left is named, can be deleted, and does not mislead. */
import { access, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BackupEvent } from "../../src/core/events.ts";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { listCollections, listDatabases } from "../../src/milvus/inventory.ts";
import { createAll } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { spawnCli } from "../support/spawn-cli.ts";
import { createWorkspace, eventsOf, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { local } = sandboxEnv();
let workspace: Workspace;
let home: string;

/** One after another, so that most of them are still to come when the first one is copied. */
const NAMES = ["a", "b", "c", "d"];

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => ({
    limits: { collections: 1 },
    policies: {
      nightly: toDisk(`${database("home")}.*`),
    },
  }));
  home = workspace.database("home");
  await createAll(
    local.address,
    NAMES.map((name) => ({ ...specOf("shared"), database: home, name })),
  );
}, 60_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

/** Sends a signal at the first progress of a phase. */
function atFirst(phase: string, signal: NodeJS.Signals = "SIGINT") {
  let isSent = false;
  return (event: BackupEvent, kill: (signal: NodeJS.Signals) => void): void => {
    if (isSent || event.type !== "step.progress" || event.phase !== phase) return;
    isSent = true;
    kill(signal);
  };
}

async function collectionsOf(database: string): Promise<readonly string[]> {
  await using milvus = await connectMilvus({ address: local.address });
  if (!(await listDatabases(milvus)).includes(database)) return [];
  return (await listCollections(milvus, database)).map(({ name }) => name).toSorted();
}

/** What a run leaves that had no time to clean up. */
async function removeLeftovers(runId: string): Promise<void> {
  const spooled = (await readdir(tmpdir())).filter((name) => name.startsWith(`milvus-backup-${runId}-`));
  const paths = [tempOf(runId), ...spooled.map((name) => join(tmpdir(), name))];
  await Promise.all(paths.map((path) => rm(path, { recursive: true })));
}

/** Where a run copies what Milvus imports. */
function tempOf(runId: string): string {
  return join(local.root, `restore_temp_${runId}`);
}

describe("a signal during the copy of a backup", () => {
  it.each([
    { signal: "SIGINT", status: 130 },
    { signal: "SIGTERM", status: 143 },
  ] as const)(
    "$signal ends it: what it leaves is listed as interrupted and can be deleted",
    async ({ signal, status }) => {
      const result = await spawnCli(workspace, "run nightly --json", { onEvent: atFirst("copy", signal) });
      expect(result.status).toBe(status);
      const report = reportOf(result);
      expect(report).toMatchObject({ state: "interrupted", exitStatus: status });
      const [entry] = await workspace.list("disk");
      expect(entry).toMatchObject({ name: report.backup, state: "interrupted", madeBy: "milvus-backup-ts" });
      const meta = await readdir(join(workspace.disk, report.backup, "meta"));
      expect(meta.filter((name) => name.endsWith("_meta.json"))).toEqual([]);
      expect((await workspace.milvusBackup(`restore ${report.backup} --suffix _no`)).status).toBe(15);
      expect((await workspace.milvusBackup(`delete ${report.backup} --yes`)).status).toBe(0);
      await expect(access(join(workspace.disk, report.backup))).rejects.toMatchObject({ code: "ENOENT" });
    },
  );
});

describe("a signal during the import of a restore", () => {
  it("SIGINT ends it: the run drops what it made and removes its copy; a second restore succeeds", async () => {
    const { backup } = reportOf(await workspace.milvusBackup("run nightly --json"));
    const away = workspace.database("away");
    const restore = `restore ${backup} --rename ${home}.*:${away}.* --json`;
    const result = await spawnCli(workspace, restore, { onEvent: atFirst("import") });
    expect(result.status).toBe(130);
    const { runId, ...report } = reportOf(result);
    expect(report).toMatchObject({ state: "interrupted", exitStatus: 130 });
    expect(await collectionsOf(away)).toEqual([]);
    await expect(access(tempOf(runId))).rejects.toMatchObject({ code: "ENOENT" });
    expect(reportOf(await workspace.milvusBackup(restore))).toMatchObject({ state: "complete", exitStatus: 0 });
    expect(await collectionsOf(away)).toEqual(NAMES);
  });

  it("SIGINT sent twice ends it at once", async () => {
    const { backup } = reportOf(await workspace.milvusBackup("run nightly --json"));
    const away = workspace.database("gone");
    const result = await spawnCli(workspace, `restore ${backup} --rename ${home}.*:${away}.* --json`, {
      onEvent: atFirst("import"),
      onStderr: (line, kill) => {
        if (line.includes("once more to leave at once")) kill("SIGINT");
      },
    });
    expect(result.status).toBe(130);
    const events = eventsOf(result);
    expect(events.map(({ type }) => type)).not.toContain("run.finished");
    await removeLeftovers(String(events[0]?.runId));
  });
});
