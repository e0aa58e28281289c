/** A plan that is looked at before it is carried out, on the real Milvus. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAll } from "../support/dataset.ts";
import { succeed, withClient } from "../support/dataset-client.ts";
import type { CollectionSpec } from "../support/dataset-spec.ts";
import { specOf } from "../support/dataset-specs.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const { address } = sandboxEnv().local;
let workspace: Workspace;
let home: string;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => {
    const shop = { include: [`/${database("home")}\\.shop_\\d/`] };
    return {
      policies: {
        shop: { ...toDisk(), select: shop },
        fading: { ...toDisk(), select: { ...shop, where: { properties: { "collection.ttl.seconds": "86400" } } } },
      },
    };
  });
  home = workspace.database("home");
  const fading = { ...specNamed("shop_2"), properties: { "collection.ttl.seconds": "86400" } };
  await createAll(address, [specNamed("shop_1"), fading, specNamed("other")]);
}, 120_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

function specNamed(name: string): CollectionSpec {
  return { ...specOf("shared"), database: home, name };
}

it("run --plan takes what was planned; when a collection is renamed or made anew then, it refuses and says which", async () => {
  expect((await workspace.milvusBackup("plan shop --out plan.json")).status).toBe(0);
  await createAll(address, [specNamed("not_selected")]);
  const report = reportOf(await workspace.milvusBackup("run --plan plan.json --json"));
  const file: unknown = JSON.parse(await readFile(join(workspace.path, "plan.json"), "utf8"));
  expect(file).toMatchObject({ plan: { backup: report.backup, estimate: { rows: 50 } } });
  expect(report).toMatchObject({ state: "complete", collections: [{ rows: 25 }, { rows: 25 }] });

  expect((await workspace.milvusBackup("plan shop --out plan.json")).status).toBe(0);
  await withClient(address, home, async (client) => {
    await succeed(client.renameCollection({ collection_name: "shop_1", new_collection_name: "shop_3" }));
    await succeed(client.dropCollection({ collection_name: "shop_2" }));
  });
  await createAll(address, [{ ...specNamed("shop_2"), properties: { "collection.ttl.seconds": "86400" } }]);
  const { status, stderr } = await workspace.milvusBackup("run --plan plan.json");
  expect(status).toBe(15);
  expect(stderr).toContain(`  ~ ${home}.shop_1 is called ${home}.shop_3 now\n`);
  expect(stderr).toContain(`  ~ ${home}.shop_2 was dropped and made anew: it is collection `);
});

it("a policy that selects by a property takes the collections that have it", async () => {
  const report = reportOf(await workspace.milvusBackup("run fading --json"));
  expect(report.collections.map(({ collection }) => collection.name)).toEqual(["shop_2"]);
});
