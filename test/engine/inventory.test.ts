import { expect, it } from "vitest";
import { listInventory } from "../../src/engine/inventory.ts";
import { connectFake, ok, refused, startFakeMilvus } from "../support/fake-milvus.ts";

const DATABASES = ok({ db_names: ["default", "going"] });

it("listInventory() leaves out a database that is dropped while it lists", async () => {
  await using fake = await startFakeMilvus({
    ListDatabases: () => DATABASES,
    ShowCollections: ({ db_name }) =>
      db_name === "going"
        ? refused(800, "database not found")
        : ok({ collection_names: ["book"], collection_ids: ["7"] }),
  });
  await using milvus = await connectFake(fake);
  expect(await listInventory(milvus)).toEqual({
    databases: ["default", "going"],
    collections: [{ database: "default", name: "book", id: "7" }],
  });
});

it("listInventory() fails when a database cannot be listed for another reason", async () => {
  await using fake = await startFakeMilvus({
    ListDatabases: () => DATABASES,
    ShowCollections: () => refused(1401, "permission deny"),
  });
  await using milvus = await connectFake(fake);
  await expect(listInventory(milvus)).rejects.toMatchObject({ kind: "denied" });
});
