import { expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { bytesBody } from "../../src/io/body.ts";
import { hasObjects, objectsIn } from "../../src/io/list-objects.ts";
import { readIfThere, readTextIfThere } from "../../src/io/read-if-there.ts";
import { collect } from "../support/collect.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";

it("objectsIn() and hasObjects() look below a prefix", async () => {
  const storage = openMemory();
  for (const key of ["a/b/2", "a/1", "c"]) await storage.write(key, bytesBody(key));
  expect((await collect(objectsIn(storage, "a/"))).map(({ key }) => key)).toEqual(["a/1", "a/b/2"]);
  expect([await hasObjects(storage, "a/b/"), await hasObjects(storage, "d/")]).toEqual([true, false]);
});

it("readIfThere() takes only what is missing for nothing", async () => {
  const storage = openMemory();
  await storage.write("a", bytesBody("größer"));
  expect([await readTextIfThere(storage, "a"), await readTextIfThere(storage, "b")]).toEqual(["größer", undefined]);
  const away = failingStorage(
    storage,
    failOn("unavailable", () => true),
  );
  await expect(readIfThere(away, "a")).rejects.toMatchObject({ code: "unavailable" });
});
