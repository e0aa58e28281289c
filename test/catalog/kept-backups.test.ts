import { expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { readKept } from "../../src/catalog/kept-backups.ts";
import { listBackups } from "../../src/catalog/list-backups.ts";
import { MANIFEST_KEY, META_KEYS } from "../../src/format/keys.ts";
import { encodeManifest } from "../../src/format/manifest.ts";
import { bytesBody } from "../../src/io/body.ts";
import { GOLDEN_RELEASES } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";
import { manifestCollection, manifestOf } from "../support/manifests.ts";
import { writeAll } from "../support/storage-content.ts";

it("readKept() gives those of the policy and source with what they hold whole, and the Go tool's when adopted", async () => {
  const storage = openMemory();
  const policy = { name: "nightly", digest: "d" };
  const part = manifestCollection("part", { partitions: { taken: ["p"], of: 2 } });
  const collections = [manifestCollection("book"), part, manifestCollection("gone", { state: "failed" })];
  const manifests = [
    manifestOf("b1", { policy, collections, parent: "b0" }),
    manifestOf("b2", { policy: { ...policy, name: "weekly" } }),
    manifestOf("b3"),
    manifestOf("b4", { policy, source: { ...manifestOf("b4").source, name: "other" } }),
    manifestOf("b6", {
      policy,
      collections: [manifestCollection("", { id: "7" }), manifestCollection("", { id: "8" })],
    }),
    manifestOf("b5", { policy, consistency: "meta-only" }),
  ];
  for (const manifest of manifests) {
    await storage.write(`${manifest.backup}/${MANIFEST_KEY}`, bytesBody(encodeManifest(manifest)));
    await writeAll(
      storage,
      Object.fromEntries(Object.values(META_KEYS).map((key) => [`${manifest.backup}/${key}`, "x"])),
    );
  }
  const [release] = GOLDEN_RELEASES;
  await writeGolden(storage, release, "g1");
  const group = { policy: "nightly", source: "prod", adopt: false };
  const kept = (await readKept(storage, { ...group, entries: await listBackups(storage) })).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  expect(kept).toMatchObject([
    { name: "b1", state: "complete", parent: "b0", holds: ["default.book"], isMetaOnly: false },
    { name: "b5", isMetaOnly: true },
    { name: "b6", holds: ["7", "8"] }, // encrypted
  ]);
  expect(kept).toHaveLength(3);
  const adopted = await readKept(storage, { ...group, adopt: true, entries: await listBackups(storage) });
  expect(adopted.map(({ name }) => name).toSorted()).toEqual(["b1", "b5", "b6", "g1"]);
});
