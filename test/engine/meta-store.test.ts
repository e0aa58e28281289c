import { expect, it } from "vitest";
import fc from "fast-check";
import { openMetaStore } from "../../src/engine/meta-store.ts";
import { COLLECTION } from "../../src/format/messages.ts";
import { readBackup } from "../../src/format/read-backup.ts";
import { anyOf } from "../support/arbitrary-meta.ts";
import { GOLDEN_RELEASES, openGolden } from "../support/golden.ts";

it.each(GOLDEN_RELEASES)("openMetaStore() gives every collection of %s back as it was put", async (release) => {
  await using store = await openMetaStore("r1");
  const { collections } = await readBackup(openGolden(release));
  for await (const meta of collections) await store.put(meta);
  for await (const meta of collections) expect(await store.get(meta.collection_id.toString())).toEqual(meta);
});

it("openMetaStore() gives any collection back as it was put", async () => {
  await using store = await openMetaStore("r1");
  await fc.assert(
    fc.asyncProperty(anyOf(COLLECTION), async (meta) => {
      await store.put(meta);
      expect(await store.get(meta.collection_id.toString())).toEqual(meta);
    }),
    { numRuns: 50 },
  );
});

it("openMetaStore() fails for what was not put, and for what is no id", async () => {
  await using store = await openMetaStore("r1");
  await expect(store.get("5")).rejects.toThrow("ENOENT");
  await expect(store.get("../5")).rejects.toThrow(SyntaxError);
});
