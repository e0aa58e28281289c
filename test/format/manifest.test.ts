import { describe, expect, it } from "vitest";
import { decodeManifest, encodeManifest } from "../../src/format/manifest.ts";
import type { Manifest } from "../../src/format/manifest.ts";

/** With everything that a manifest can have. */
const manifest: Manifest = {
  formatVersion: 1,
  tool: { name: "milvus-backup", version: "0.1.0" },
  runId: "run-1",
  backup: "nightly_20260823_020105",
  policy: { name: "nightly", digest: "sha256:abc" },
  source: {
    name: "prod",
    storage: {
      type: "s3",
      endpoint: "http://localhost:9000",
      region: "eu",
      bucket: "a-bucket",
      path: "/mnt",
      prefix: "files",
      account: "AKIA",
    },
    milvusVersion: "v2.3.5-lite",
    address: "localhost:19530",
  },
  parent: "nightly_20260822_020105",
  mode: "full",
  consistency: "flush",
  state: "partial",
  startedAt: "2026-08-23T02:01:05.000Z",
  finishedAt: "2026-08-23T02:02:05.000Z",
  reason: "1 of 2 collections failed",
  collections: [
    {
      id: "470664302226309165",
      database: "default",
      name: "book",
      state: "complete",
      reason: "retried",
      rows: 10_000,
      segments: 2,
      objects: 34,
      bytes: 337_438,
      capturedAt: "2026-08-23T02:01:06.000Z",
      flushedAt: "2026-08-23T02:01:07.000Z",
      schema: "CgRib29r",
    },
  ],
};

function encoded(change: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...manifest, ...change }));
}

describe("encodeManifest", () => {
  it("encodeManifest() loses nothing", () => {
    expect(decodeManifest(new TextEncoder().encode(encodeManifest(manifest)))).toEqual(manifest);
  });

  it("encodeManifest() refuses what could not be read again", () => {
    expect(() => encodeManifest({ ...manifest, startedAt: "yesterday" })).toThrow();
  });
});

describe("decodeManifest", () => {
  it("decodeManifest() ignores keys that a later release of this format may have", () => {
    expect(decodeManifest(encoded({ later: true }))).toEqual(manifest);
  });

  it("decodeManifest() refuses a newer format, whatever else is in it", () => {
    const bytes = new TextEncoder().encode('{"formatVersion":2,"state":"new"}');
    expect(() => decodeManifest(bytes)).toThrow(
      expect.objectContaining({
        code: "refused",
        message: "Cannot read meta/manifest.json: its format 2 is newer than 1",
        hint: "Use the release of milvus-backup that made this backup, or a later one",
      }),
    );
  });

  it.each([
    ["a wrong state", encoded({ state: "done" }), /in state: /],
    [
      "a count that is not one",
      encoded({ collections: [{ ...manifest.collections[0], rows: -1 }] }),
      /in collections\.0\.rows: /,
    ],
    [
      "an id with a path",
      encoded({ collections: [{ ...manifest.collections[0], id: "../1" }] }),
      /in collections\.0\.id: /,
    ],
    ["a missing key", encoded({ runId: undefined }), /in runId: /],
    ["no object", new TextEncoder().encode("[]"), /Cannot read meta\/manifest\.json/],
    ["half a file", encoded({}).subarray(0, 200), /it is not JSON in UTF-8/],
    ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), /it is not JSON in UTF-8/],
  ])("decodeManifest() refuses %s", (_, bytes, message) => {
    expect(() => decodeManifest(bytes)).toThrow(
      expect.objectContaining({ code: "damaged", message: expect.stringMatching(message) }),
    );
  });
});
