import { expect, it } from "vitest";
import { loadCollection, loadState } from "../../src/milvus/load.ts";
import { connectFake, inTurn, ok, startFakeMilvus } from "../support/fake-milvus.ts";
import { createFakeClock } from "../support/fake-clock.ts";

const BOOK = { database: "shop", collection: "book" };

it("loadState() names the four states and no other", async () => {
  const states = [0, 1, 2, 3, 9].map((state) => () => ok({ state }));
  await using fake = await startFakeMilvus({ GetLoadState: inTurn(...states) });
  await using milvus = await connectFake(fake);
  const seen: unknown[] = [];
  for (let count = 0; count < 4; count += 1) seen.push(await loadState(milvus, BOOK));
  expect(seen).toEqual(["NotExist", "NotLoad", "Loading", "Loaded"]);
  await expect(loadState(milvus, BOOK)).rejects.toThrow("unknown load state 9");
});

it("loadCollection() waits until the collection is loaded", async () => {
  const loading = (): object => ok({ state: 2 });
  await using fake = await startFakeMilvus({
    LoadCollection: () => ({}),
    GetLoadState: inTurn(loading, loading, () => ok({ state: 3 })),
  });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  await loadCollection(milvus, BOOK);
  expect(fake.sent("LoadCollection")).toMatchObject([{ db_name: "shop", collection_name: "book", replica_number: 1 }]);
  expect(fake.sent("GetLoadState")).toHaveLength(3);
});

it("loadCollection() gives up soon on what Milvus is not even loading, not on what takes long", async () => {
  const long = Array.from({ length: 65 }, () => (): object => ok({ state: 2 }));
  await using fake = await startFakeMilvus({
    LoadCollection: () => ({}),
    GetLoadState: inTurn(
      ...long,
      () => ok({ state: 3 }),
      () => ok({ state: 1 }),
    ),
  });
  const clock = createFakeClock(Date.now());
  await using milvus = await connectFake(fake, { clock });
  await loadCollection(milvus, BOOK);
  const startedAt = clock.now();
  await expect(loadCollection(milvus, BOOK)).rejects.toThrow('has not begun to load "shop.book"');
  expect(clock.now() - startedAt).toBe(30_000);
});

it("loadCollection() loads only the partitions it is given and waits for each", async () => {
  const states = new Map([
    ["a", [2, 3]],
    ["b", [3]],
  ]);
  await using fake = await startFakeMilvus({
    LoadPartitions: () => ({}),
    GetLoadState: ({ partition_names }) => {
      const left = states.get(String(partition_names)) ?? [];
      return ok({ state: left.length > 1 ? left.shift() : left[0] });
    },
  });
  await using milvus = await connectFake(fake, { clock: createFakeClock(Date.now()) });
  await loadCollection(milvus, { ...BOOK, partitions: ["a", "b"] });
  expect(fake.sent("LoadPartitions")).toMatchObject([{ partition_names: ["a", "b"] }]);
  expect(fake.sent("GetLoadState")).toHaveLength(4);
});
