import { describe, expect, it } from "vitest";
import { findContradictions } from "../../src/config/check-contradictions.ts";

const S3 = { type: "s3", endpoint: "http://s3:9000", bucket: "a-bucket" };
const config = {
  sources: {
    disk: { storage: "disk" },
    bucket: { storage: "bucket" },
    whole: { storage: "whole" },
    lost: { storage: "none" },
  },
  storages: {
    disk: { type: "local", path: "/milvus/data" },
    same: { type: "local", path: "../milvus/./data/", durable: false },
    below: { type: "local", path: "/milvus" },
    bucket: { ...S3, prefix: "files", credentials: { accessKeyId: "a", secretAccessKey: { env: "A" } } },
    backups: { ...S3, endpoint: "http://S3:9000/", credentials: { profile: "b" } },
    other: { ...S3, bucket: "b-bucket", prefix: "files" },
    whole: { type: "memory", name: "x" },
    odd: 5,
  },
};

const contradictionsOf = (source: unknown, ...targets: readonly unknown[]): readonly unknown[] =>
  findContradictions({ policy: { source, targets }, config, directory: "/srv" }).map(({ path, message }) => [
    path.join("."),
    message,
  ]);

describe("findContradictions()", () => {
  it.each([
    ["disk", { storage: "disk" }],
    ["disk", { storage: "same" }],
    ["disk", { storage: "below", prefix: "data" }],
    ["disk", { storage: "disk", prefix: "insert_log" }],
    ["disk", { storage: "below", prefix: "data/delta_log/backups" }],
    ["bucket", { storage: "backups", prefix: "files" }],
    ["bucket", { storage: "backups", prefix: "files/stats_log/x" }],
    ["bucket", { storage: "bucket", prefix: "index_files" }],
    ["whole", { storage: "whole" }],
    ["whole", { storage: "whole", prefix: "insert_log/1" }],
  ])("findContradictions() tells when the source %s has its own files at %j", (source, target) => {
    const message = `this is where the source "${source}" keeps its own files: choose another storage or prefix`;
    expect(contradictionsOf(source, target)).toEqual([["targets.0", message]]);
  });

  it.each([
    ["disk", { storage: "disk", prefix: "backups" }],
    ["disk", { storage: "disk", prefix: "insert_logs" }],
    ["disk", { storage: "below" }],
    ["bucket", { storage: "backups" }],
    ["bucket", { storage: "backups", prefix: "files2" }],
    ["bucket", { storage: "other" }],
    ["bucket", { storage: "other", prefix: "insert_log" }],
    ["disk", { storage: "odd" }],
    ["disk", { storage: "none", prefix: 5 }],
    ["lost", { storage: "disk" }],
    [5, { storage: "disk" }],
    ["disk", "text"],
  ])("findContradictions() lets pass what the source %s does not have at %j", (source, target) => {
    expect(contradictionsOf(source, target)).toEqual([]);
  });

  it("findContradictions() tells of each target that is one before it", () => {
    const targets = [
      { storage: "backups", prefix: "a/b" },
      { storage: "below" },
      { storage: "backups", prefix: "a" },
      { storage: "backups", prefix: "a/b" },
    ];
    expect(contradictionsOf("bucket", ...targets)).toEqual([["targets.3", "this is the same place as the target 1"]]);
  });

  it("findContradictions() tells when a backup would wait for a copy that no target gets, of a policy and a target", () => {
    const policy = {
      source: "bucket",
      targets: [{ storage: "backups", retention: { keepUntilCopied: ["below", "same"] } }, { storage: "below" }],
      retention: { keepUntilCopied: ["bckups"] },
    };
    const found = findContradictions({ policy, config, directory: "/srv" });
    const message = (name: string): string =>
      `no target of this policy is in the storage "${name}": nothing would be pruned`;
    expect(found).toEqual([
      { path: ["retention", "keepUntilCopied", 0], message: message("bckups") },
      { path: ["targets", 0, "retention", "keepUntilCopied", 1], message: message("same") },
    ]);
  });
});
