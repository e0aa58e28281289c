/** A real disk that gets full at ten places of a backup: it is no backup then, and goes on when there is room again. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAll } from "../support/dataset.ts";
import { inDatabases } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { createWorkspace, type Workspace } from "../support/workspace.ts";

const { local } = sandboxEnv();
let workspace: Workspace;
let disk: SmallDisk;

beforeAll(async () => {
  workspace = await createWorkspace(() => ({ storages: { small: { type: "local", path: "./small" } } }));
  disk = await mountSmallDisk(join(workspace.path, "small"));
  await createAll(local.address, inDatabases([specOf("all_types")], { default: workspace.database("home") }));
}, 60_000);

afterAll(async () => {
  await disk[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
}, 60_000);

async function stateOf(name: string): Promise<string | undefined> {
  const { stdout } = await workspace.milvusBackup("list --target small --json");
  const entries = JSON.parse(stdout) as readonly { readonly name: string; readonly state: string }[];
  return entries.find((one) => one.name === name)?.state;
}

it.each([8, 12, 16, 24, 32, 48, 64, 96, 128, 192])(
  "that has %i KiB left: the backup is none, and goes on when there is room",
  async (kibibytes) => {
    const create = `create -n full_${kibibytes} --source local --include ${workspace.database("home")}.* --target small`;
    await disk.fill(kibibytes * 1024);
    expect((await workspace.milvusBackup(create)).status).toBe(1);
    expect(await stateOf(`full_${kibibytes}`)).not.toBe("complete");
    await disk.free();
    const resumed = await workspace.milvusBackup(`${create} --resume`);
    if (resumed.status !== 0) {
      expect([resumed.status, resumed.stderr]).toEqual([15, expect.stringContaining("has none that was interrupted")]);
    } else {
      expect(await stateOf(`full_${kibibytes}`)).toBe("complete");
    }
    const next = `create -n next_${kibibytes} --source local --include ${workspace.database("home")}.* --target small`;
    expect((await workspace.milvusBackup(next)).status).toBe(0);
    for (const name of [`full_${kibibytes}`, `next_${kibibytes}`])
      await workspace.milvusBackup(`delete ${name} --target small --yes`);
  },
);
