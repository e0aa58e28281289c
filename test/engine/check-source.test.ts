import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { checkSource } from "../../src/engine/check-source.ts";
import { deleteKeys } from "../../src/catalog/delete-backup.ts";
import { inTurn, ok, refused } from "../support/fake-milvus.ts";
import { openTestJob } from "../support/engine-run.ts";
import { keysOf } from "../support/storage-content.ts";

describe("checkSource()", () => {
  it("checkSource() finds the files of a segment in the storage that is Milvus's own", async () => {
    await using job = await openTestJob({ collections: ["default.a"] });
    expect(await checkSource(job.source)).toEqual([
      {
        subject: "source prod",
        check: "milvus",
        status: "ok",
        message: expect.stringMatching(/^Milvus v2\.3\.5 answers/),
      },
      { subject: "source prod", check: "storage", status: "ok", message: expect.stringContaining("are in") },
    ]);
  });

  it("checkSource() fails for a storage that has none of them, and says what to change", async () => {
    const root = openMemory();
    await using job = await openTestJob({ collections: ["default.a"], root });
    await deleteKeys(root, await keysOf(root));
    expect((await checkSource(job.source)).at(-1)).toMatchObject({
      check: "storage",
      status: "failed",
      code: "unreachable",
      hint: expect.stringContaining("rootPath"),
    });
  });

  it("checkSource() can tell nothing of a Milvus without rows", async () => {
    await using job = await openTestJob({ collections: [] });
    expect((await checkSource(job.source)).at(-1)).toMatchObject({ check: "storage", status: "warning" });
  });

  it("checkSource() asks another collection when one was dropped since it was listed", async () => {
    await using job = await openTestJob({
      collections: ["default.gone", "default.there"],
      handlers: ({ handlers }) => ({
        GetPersistentSegmentInfo: (request) =>
          request["collectionName"] === "gone"
            ? refused(100, "collection not found")
            : (handlers.GetPersistentSegmentInfo?.(request) ?? {}),
      }),
    });
    expect((await checkSource(job.source)).at(-1)).toMatchObject({ check: "storage", status: "ok" });
  });

  it("checkSource() makes nothing of files that are gone with their segment", async () => {
    await using job = await openTestJob({
      collections: ["default.a"],
      handlers: ({ handlers }) => ({
        GetPersistentSegmentInfo: inTurn(
          (request) => handlers.GetPersistentSegmentInfo?.(request) ?? {},
          () => ok({ infos: [] }),
        ),
      }),
    });
    await deleteKeys(job.source.root, await keysOf(job.source.root));
    expect((await checkSource(job.source)).at(-1)).toMatchObject({ check: "storage", status: "warning" });
  });
});
