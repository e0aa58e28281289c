import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { decodeCapture, encodeCapture } from "../../src/format/capture-file.ts";
import type { StoredCapture } from "../../src/format/capture-file.ts";
import { decodeMade, decodeRestoreRecord, encodeMade, encodeRestoreRecord } from "../../src/format/restore-record.ts";
import { decodeRunClaim, decodeRunRecord, encodeRunClaim, encodeRunRecord } from "../../src/format/run-record.ts";
import type { RunRecord } from "../../src/format/run-record.ts";
import { inChunks } from "../support/memory-files.ts";

const RECORD: RunRecord = {
  formatVersion: 1,
  runId: "r1",
  backup: "b1",
  startedAt: "2026-05-01T02:00:00.000Z",
  policy: "nightly",
  asked: "d1",
  source: { type: "local", path: "/data", prefix: "files" },
};

const CAPTURE: StoredCapture = {
  collection: { database: "shop", name: "a\nb" },
  schema: "AAEC",
  segments: 1,
  rows: 7,
  bytes: 12,
  flushedAt: "470664302226709999",
  capturedAt: "2026-05-01T02:00:00.000Z",
  notes: ["a note"],
  part: { taken: ["p1"], of: 2 },
  meta: {
    db_name: "shop",
    has_index: false,
    collection_id: 9_007_199_254_740_993n,
    collection_name: "a",
    schema: { name: "a", fields: [] },
    size: 12n,
  },
  objects: [{ sourceKey: "insert_log/1/2/3/100/1", key: "binlogs/insert_log/1/2/3/3/100/1", bytes: 12 }],
};

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe("the files of a run", () => {
  it("decodeCapture() gives back what encodeCapture() wrote, 64-bit ids and all", async () => {
    const text = [...encodeCapture(CAPTURE)].join("");
    const { meta, ...decoded } = await decodeCapture(inChunks(text), "c");
    expect({ ...decoded, objects: decoded.objects }).toEqual({ ...CAPTURE, meta: undefined, objects: CAPTURE.objects });
    expect(meta).toMatchObject({ collection_id: 9_007_199_254_740_993n, collection_name: "a", size: 12n });
  });

  it("decodeCapture() refuses a file that was cut anywhere", async () => {
    const text = [...encodeCapture(CAPTURE)].join("");
    for (let end = 0; end < text.length; end += 1) {
      await expect(decodeCapture(inChunks(text.slice(0, end)), "c")).rejects.toMatchObject({ code: "damaged" });
    }
  });

  it("decodeRunRecord() and decodeRunClaim() give back what was written, and refuse anything else", () => {
    expect(decodeRunRecord(bytes(encodeRunRecord(RECORD)), "f")).toEqual(RECORD);
    const claim = { runId: "r2", process: { system: "s", pid: 7 } };
    expect(decodeRunClaim(bytes(encodeRunClaim(claim)), "f")).toEqual(claim);
    for (const text of ["", "{", "{}", "[1]"]) {
      expect(() => decodeRunRecord(bytes(text), "f")).toThrow(expect.objectContaining({ code: "damaged" }));
      expect(() => decodeRunClaim(bytes(text), "f")).toThrow(expect.objectContaining({ code: "damaged" }));
    }
    const newer = JSON.stringify({ ...RECORD, formatVersion: 2 });
    expect(() => decodeRunRecord(bytes(newer), "f")).toThrow(expect.objectContaining({ code: "refused" }));
  });

  it("decodeRestoreRecord() and decodeMade() give back what was written, and refuse anything else", () => {
    const { policy: _policy, source: _source, ...head } = RECORD;
    const record = { ...head, address: "localhost:19530" };
    expect(decodeRestoreRecord(bytes(encodeRestoreRecord(record)), "f")).toEqual(record);
    const name = { database: "shop", name: "a" };
    const made = { collectionId: "1", into: name, to: name, id: "2", createdTimestamp: "3", isComplete: true };
    expect(decodeMade(bytes(encodeMade(made)), "f")).toEqual(made);
    expect(() => decodeMade(bytes("{}"), "f")).toThrow(expect.objectContaining({ code: "damaged" }));
  });
});
