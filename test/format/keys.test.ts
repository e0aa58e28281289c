import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBackupName, nextBackupName, toBackupName } from "../../src/format/backup-name.ts";
import { controlKeys, keyInBackup, objectsListKey } from "../../src/format/keys.ts";

describe("toBackupName", () => {
  it("toBackupName() gives a name that the Go tool takes, whatever the policy is called", () => {
    const time = fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), time, (policy, at) => {
        expect(isBackupName(toBackupName(policy, at))).toBe(true);
      }),
    );
  });

  it.each([
    ["nightly", "nightly_20260823_020105"],
    ["weekly-archive.v2", "weekly_archive_v2_20260823_020105"],
    ["7days", "_7days_20260823_020105"],
    ["día ☂😀", "d_a____20260823_020105"],
    ["", "_20260823_020105"],
    ["a".repeat(200), `${"a".repeat(112)}_20260823_020105`],
    ["1".repeat(200), `_${"1".repeat(111)}_20260823_020105`],
  ])("toBackupName() of policy %j is %s", (policy, name) => {
    expect(toBackupName(policy, new Date("2026-08-23T02:01:05.999Z"))).toBe(name);
  });

  it("toBackupName() refuses a time that has no such stamp", () => {
    expect(() => toBackupName("a", new Date(8.64e15))).toThrow(RangeError);
    expect(() => toBackupName("a", new Date(Number.NaN))).toThrow(RangeError);
  });
});

describe("nextBackupName", () => {
  it("nextBackupName() gives what toBackupName() would have a second later", () => {
    const time = fc.date({
      min: new Date("1000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:58Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(fc.string(), time, (policy, at) => {
        const later = toBackupName(policy, new Date(at.getTime() + 1000));
        expect(nextBackupName(toBackupName(policy, at))).toBe(later);
      }),
    );
  });

  it("nextBackupName() refuses a name without a time", () => {
    expect(() => nextBackupName("before_upgrade")).toThrow(RangeError);
  });
});

describe("isBackupName", () => {
  it.each(["a", "_", "_1", "Nightly_2026", "a".repeat(128)])("isBackupName() takes %s", (name) => {
    expect(isBackupName(name)).toBe(true);
  });

  it.each(["", "1a", "a-b", "a.b", "a b", "a\n", "é", "../a", "a/b", ".milvus-backup", "a".repeat(129)])(
    "isBackupName() refuses %j",
    (name) => {
      expect(isBackupName(name)).toBe(false);
    },
  );
});

describe("keys", () => {
  it("keyInBackup() keeps a key in a backup's directory", () => {
    expect(keyInBackup("nightly_1", "meta/manifest.json")).toBe("nightly_1/meta/manifest.json");
    expect(keyInBackup("nightly_1", "")).toBe("nightly_1/");
    for (const wrong of ["", "..", "a/b", ".milvus-backup"]) expect(() => keyInBackup(wrong, "x")).toThrow(RangeError);
  });

  it("objectsListKey() is a collection's", () => {
    expect(objectsListKey(470664302226309165n)).toBe("meta/objects/470664302226309165.jsonl.gz");
  });

  it("controlKeys are below a directory that the Go tool skips", () => {
    expect([
      controlKeys.exclusiveLock(12),
      controlKeys.sharedLock("run-1"),
      controlKeys.run("run-1", "capture.json"),
      controlKeys.intent("run-1"),
      controlKeys.history("run-1"),
      controlKeys.pin("nightly_1"),
    ]).toEqual([
      ".milvus-backup/locks/x/12",
      ".milvus-backup/locks/s/run-1",
      ".milvus-backup/runs/run-1/capture.json",
      ".milvus-backup/intents/run-1",
      ".milvus-backup/history/run-1",
      ".milvus-backup/pins/nightly_1",
    ]);
    for (const wrong of ["", "..", "a/b"]) expect(() => controlKeys.sharedLock(wrong)).toThrow(RangeError);
    expect(() => controlKeys.exclusiveLock(0.5)).toThrow(RangeError);
  });
});
