/** Hooks of every scope around a backup of the real Milvus, by commands. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HookConfig, HookScope } from "../../src/core/contracts/hooks.ts";
import type { BackupEvent } from "../../src/core/events.ts";
import { pollUntil } from "../../src/io/poll-until.ts";
import { createAll } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import type { CommandResult } from "../support/run-command.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { spawnCli } from "../support/spawn-cli.ts";
import { createWorkspace, eventsOf, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { local } = sandboxEnv();
const SCOPES: readonly HookScope[] = ["run", "source", "target", "action", "collection"];
const NAMES = ["a", "b"];
let workspace: Workspace;
let home: string;

const note =
  'echo "$MILVUS_BACKUP_ON $MILVUS_BACKUP_SCOPE ${MILVUS_BACKUP_COLLECTION#*.} $MILVUS_BACKUP_STATE" >> told';
const shell = note.replace("${", () => "$${"); // a ${ of its own
const around = SCOPES.flatMap((scope): readonly HookConfig[] => [
  { around: scope, before: { shell }, after: { shell } },
  { on: "finally", scope, shell },
]);

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => {
    const policy = toDisk(`${database("home")}.*`);
    const sleepy: HookConfig = { around: "collection", before: { shell: `${shell}; sleep 300` }, after: { shell } };
    const taken: HookConfig = { on: "before", scope: "action", command: ["./take-name.sh"] };
    return {
      limits: { collections: 1 },
      plugins: [{ use: "metrics-textfile", options: { path: "./metrics" } }],
      policies: {
        nightly: { ...policy, hooks: around },
        sleepy: { ...policy, hooks: [{ around: "run", before: { shell }, after: { shell } }, sleepy] },
        taken: { ...policy, hooks: [taken, { on: "after", shell }] },
        broken: {
          ...policy,
          consistency: "skip-flush",
          hooks: [
            { on: "after", scope: "target", command: ["false"] },
            { on: "finally", shell },
          ],
        },
      },
    };
  });
  home = workspace.database("home");
  const script = '#!/bin/sh\nmkdir -p "backups/$MILVUS_BACKUP_BACKUP" && echo {} > "backups/$MILVUS_BACKUP_BACKUP/x"\n';
  await writeFile(join(workspace.path, "take-name.sh"), script, { mode: 0o755 });
  await createAll(
    local.address,
    NAMES.map((name) => ({ ...specOf("shared"), database: home, name })),
  );
}, 60_000);

beforeEach(async () => {
  await writeFile(join(workspace.path, "told"), "");
});

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

async function told(): Promise<readonly string[]> {
  const text = await readFile(join(workspace.path, "told"), "utf8");
  return text.split("\n").flatMap((line) => line.replaceAll(/ +/g, " ").trim() || []);
}

/** The line that begins so, once it is there. */
async function onceTold(beginning: string): Promise<string> {
  const check = async (): Promise<string | undefined> => (await told()).find((line) => line.startsWith(beginning));
  return await pollUntil(check, { what: beginning, intervalMs: 20, deadline: Date.now() + 60_000 });
}

describe("hooks on a real Milvus", () => {
  it("run calls the hooks of every scope, nested, and says in the plan that it will", async () => {
    const plan = await workspace.milvusBackup("plan nightly");
    expect(plan.stdout).toMatch(/^around-collection-9 +before collection +command +around each collection; /m);
    expect(await told()).toEqual([]);
    const result = await workspace.milvusBackup("run nightly --json");
    expect([result.status, result.stderr]).toEqual([0, ""]);
    const lines = await told();
    const first = lines[4]?.at(-1) ?? ""; // Milvus lists them in any order
    expect(lines).toEqual([
      ...["run", "source", "target", "action"].map((scope) => `before ${scope}`),
      ...[first, ...NAMES.filter((name) => name !== first)].flatMap((name) => [
        `before collection ${name}`,
        `after collection ${name} complete`,
        `finally collection ${name} complete`,
      ]),
      ...["action", "target", "source", "run"].flatMap((scope) => [
        `after ${scope} complete`,
        `finally ${scope} complete`,
      ]),
    ]);
    const types = eventsOf(result).map(({ type }) => type);
    expect([types[0], types[1], types.at(-2), types.at(-1)]).toEqual([
      "run.started",
      "hook.finished",
      "run.finished",
      "report",
    ]);
    const metrics = await readFile(join(workspace.path, "metrics/milvus_backup_backup_nightly.prom"), "utf8");
    expect(metrics).toContain(
      `milvus_backup_last_run_rows{policy="nightly",action="backup",target="disk"} ${rowsOf(result)}`,
    );
  });

  it("SIGINT in a before ends the hook; the afters run with the state interrupted, and nothing is committed", async () => {
    let killed: Promise<void> | undefined;
    const onEvent = (event: BackupEvent, kill: (signal: NodeJS.Signals) => void): void => {
      if (event.type !== "step.started" || event.kind !== "back-up-collection") return;
      killed ??= onceTold("before collection").then(() => kill("SIGINT"));
    };
    const result = await spawnCli(workspace, "run sleepy --json", { onEvent, permissions: ["--allow-run"] });
    expect([result.status, reportOf(result).state]).toEqual([130, "interrupted"]);
    await killed;
    const name = (await onceTold("before collection")).at(-1); // Milvus lists them in any order
    expect(await told()).toEqual([
      "before run",
      `before collection ${name}`,
      `after collection ${name} interrupted`,
      "after run interrupted",
    ]);
    const [entry] = await workspace.list("disk");
    expect(entry).toMatchObject({ name: reportOf(result).backup, state: "interrupted" });
  });

  it("the afters run when the run is refused, since its name was taken meanwhile", async () => {
    const result = await workspace.milvusBackup("run taken --json");
    expect([result.status, reportOf(result).state, await told()]).toEqual([15, "failed", ["after run failed"]]);
  });

  it("an after that fails makes the run failed, exit 1, of a backup that is complete", async () => {
    const result = await workspace.milvusBackup("run broken --json");
    const { backup, state, exitStatus, summary } = reportOf(result);
    expect([result.status, state, exitStatus, await told()]).toEqual([1, "failed", 1, ["finally run failed"]]);
    expect(summary).toMatch(/^Backup broken_\w+ is complete: 2 collections, .*, but the hook after-target-1 failed$/);
    const entries = await workspace.list("disk");
    expect(entries.find(({ name }) => name === backup)).toMatchObject({ state: "complete", collections: 2 });
  });
});

function rowsOf(result: CommandResult): number {
  return reportOf(result).collections.reduce((sum, { rows }) => sum + rows, 0);
}
