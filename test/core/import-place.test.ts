import { describe, expect, it } from "vitest";
import { milvusRoot, placeForMilvus } from "../../src/core/import-place.ts";

const local = (path: string, prefix = "") => ({ type: "local", path, prefix });
const s3 = (bucket: string, prefix: string, endpoint = "http://one:9000") => ({ type: "s3", bucket, prefix, endpoint });

describe("placeForMilvus", () => {
  it("placeForMilvus() is the key in Milvus's own bucket", () => {
    expect(placeForMilvus({ backups: s3("a", "x/backups"), milvus: s3("a", "") })).toBe("x/backups");
  });

  it.each([
    ["another bucket", s3("b", "backups")],
    ["another service with a bucket of the same name", s3("a", "backups", "http://two:9000")],
    ["another kind of storage", local("/a")],
  ])("placeForMilvus() is undefined for %s", (_, backups) => {
    expect(placeForMilvus({ backups, milvus: s3("a", "") })).toBeUndefined();
  });

  it("placeForMilvus() is the directory when it lies under Milvus's own, as Milvus names it", () => {
    const input = { backups: local("/host/data/backups", "b"), milvus: local("/host/data/") };
    expect(placeForMilvus(input)).toBe("/host/data/backups/b");
    expect(placeForMilvus({ ...input, milvusReadable: "/var/lib/milvus/" })).toBe("/var/lib/milvus/backups/b");
  });

  it("placeForMilvus() does not take a directory with a like name for one below", () => {
    expect(placeForMilvus({ backups: local("/data2"), milvus: local("/data") })).toBeUndefined();
  });

  it("placeForMilvus() believes a config that says Milvus can read the place", () => {
    const input = { backups: local("/nas", "b"), milvus: local("/data") };
    expect(placeForMilvus({ ...input, backupsReadable: true })).toBe("/nas/b");
    expect(placeForMilvus({ ...input, backupsReadable: "/mnt/nas" })).toBe("/mnt/nas/b");
    expect(placeForMilvus({ ...input, backupsReadable: false })).toBeUndefined();
  });

  it("milvusRoot() is empty for a bucket and a directory on a disk", () => {
    expect(milvusRoot({ milvus: s3("a", "") })).toBe("");
    expect(milvusRoot({ milvus: local("/data/") })).toBe("/data");
    expect(milvusRoot({ milvus: local("/data"), milvusReadable: "/milvus/" })).toBe("/milvus");
  });
});
