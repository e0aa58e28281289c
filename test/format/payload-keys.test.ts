import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parsePayloadKey,
  parseSourceKey,
  payloadKey,
  payloadPrefix,
  sourceKey,
  sourcePrefix,
} from "../../src/format/payload-keys.ts";
import type { SegmentLog } from "../../src/format/payload-keys.ts";

const id = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const place = fc.record({ collection: id, partition: fc.oneof(id, fc.constant(-1n)), segment: id, log: id });
const group = fc.record({ group: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }) });

const ungrouped: fc.Arbitrary<SegmentLog> = fc.oneof(
  fc.tuple(place, id).map(([at, field]) => ({ kind: "insert" as const, ...at, field })),
  place.map((at) => ({ kind: "delta" as const, ...at })),
);
const grouped: fc.Arbitrary<SegmentLog> = fc.tuple(ungrouped, group).map(([log, own]) => ({ ...log, ...own }));

const INSERT: SegmentLog = { kind: "insert", collection: 1n, partition: 2n, segment: 3n, field: 100n, log: 4n };
const DELTA: SegmentLog = { kind: "delta", collection: 1n, partition: -1n, segment: 3n, log: 4n };

describe("payloadKey", () => {
  it("payloadKey() puts the group between partition and segment when there is one", () => {
    expect(payloadKey({ ...INSERT, group: 9n })).toBe("binlogs/insert_log/1/2/9/3/100/4");
    expect(payloadKey(INSERT)).toBe("binlogs/insert_log/1/2/3/100/4");
    expect(payloadKey({ ...INSERT, group: 0n })).toBe("binlogs/insert_log/1/2/3/100/4");
    expect(payloadKey({ ...DELTA, partition: 2n, group: 9n })).toBe("binlogs/delta_log/1/2/9/3/4");
    expect(payloadKey(DELTA)).toBe("binlogs/delta_log/1/-1/3/4");
  });

  it("payloadKey() refuses what is no id", () => {
    for (const wrong of [
      { segment: -1n },
      { collection: -1n },
      { partition: -2n },
      { log: 2n ** 63n },
      { group: -9n },
    ]) {
      expect(() => payloadKey({ ...INSERT, ...wrong })).toThrow(RangeError);
    }
    expect(() => payloadKey({ ...INSERT, field: -1n })).toThrow(RangeError);
  });
});

describe("parsePayloadKey", () => {
  it("parsePayloadKey() is the inverse of payloadKey()", () => {
    fc.assert(
      fc.property(fc.oneof(ungrouped, grouped), (log) => {
        expect(parsePayloadKey(payloadKey(log))).toEqual(log);
      }),
    );
  });

  it.each([
    "",
    "binlogs/",
    "insert_log/1/2/3/100/4",
    "binlogs/stats_log/1/2/3/100/4",
    "binlogs/insert_log/1/2/3/4",
    "binlogs/insert_log/1/2/3/4/5/6/7",
    "binlogs/insert_log/1/2/0/3/100/4",
    "binlogs/insert_log/1/2/3/100/04",
    "binlogs/insert_log/1/2/3/100/+4",
    "binlogs/insert_log/1/-2/3/100/4",
    "binlogs/insert_log/1/2/-1/100/4",
    "binlogs/insert_log/1/2/3/100/9223372036854775808",
    "binlogs/insert_log/1/2/3/100/4/",
    "binlogs/insert_log/1/2/3/100/4\n",
    "binlogs/insert_log//2/3/100/4",
    "binlogs/insert_log/1/../3/100/4",
    "binlogs/insert_log/1/2/3/100/٤",
    "binlogs/delta_log/1/2",
    "a/binlogs/delta_log/1/2/3/4",
  ])("parsePayloadKey() does not know %j", (key) => {
    expect(parsePayloadKey(key)).toBe(undefined);
  });
});

describe("sourceKey", () => {
  it("sourceKey() has no group", () => {
    expect(sourceKey({ ...INSERT, group: 9n })).toBe("insert_log/1/2/3/100/4");
    expect(sourceKey(DELTA)).toBe("delta_log/1/-1/3/4");
  });

  it("parseSourceKey() is the inverse of sourceKey()", () => {
    fc.assert(
      fc.property(ungrouped, (log) => {
        expect(parseSourceKey(sourceKey(log))).toEqual(log);
      }),
    );
    expect(parseSourceKey("insert_log/1/2/9/3/100/4")).toBe(undefined);
  });
});

describe("payloadPrefix and sourcePrefix", () => {
  it("payloadPrefix() holds all logs of its group, sourcePrefix() all of its segment", () => {
    fc.assert(
      fc.property(fc.oneof(ungrouped, grouped), (log) => {
        expect(payloadKey(log).startsWith(payloadPrefix(log))).toBe(true);
        expect(sourceKey(log).startsWith(sourcePrefix(log))).toBe(true);
      }),
    );
    expect(payloadPrefix({ kind: "insert", collection: 1n, partition: 2n })).toBe("binlogs/insert_log/1/2/");
    expect(payloadPrefix({ kind: "delta", collection: 1n, partition: -1n, group: 3n })).toBe(
      "binlogs/delta_log/1/-1/3/",
    );
    expect(sourcePrefix({ kind: "delta", collection: 1n, partition: 2n, segment: 3n })).toBe("delta_log/1/2/3/");
  });
});
