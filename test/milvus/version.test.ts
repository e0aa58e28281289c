import { expect, it } from "vitest";
import { capabilitiesOf } from "../../src/milvus/capabilities.ts";
import { findVersion, isAtLeast, isMilvusLite } from "../../src/milvus/version.ts";

function triple(...names: readonly string[]): readonly number[] | undefined {
  const version = findVersion(names);
  return version && [version.major, version.minor, version.patch];
}

it("findVersion() reads releases, suffixes, build tags and dates", () => {
  const read = Object.fromEntries(
    [
      "v2.3.5-lite",
      "2.2.9",
      "v2.6.4",
      "2.3.1.2",
      "2.4.0-rc.1",
      "2.6-20260801-ab12cd3",
      "milvus-2.5.3-gpu",
      "milvusdb/milvus:v2.4.6",
      "master-20260801",
      "",
    ].map((name) => [name, triple(name)]),
  );
  expect(read).toEqual({
    "v2.3.5-lite": [2, 3, 5],
    "2.2.9": [2, 2, 9],
    "v2.6.4": [2, 6, 4],
    "2.3.1.2": [2, 3, 1],
    "2.4.0-rc.1": [2, 4, 0],
    "2.6-20260801-ab12cd3": [2, 6, 9999],
    "milvus-2.5.3-gpu": [2, 5, 3],
    "milvusdb/milvus:v2.4.6": [2, 4, 6],
    "master-20260801": undefined,
    "": undefined,
  });
});

it("findVersion() prefers a plain release to one inside a name, then the first name", () => {
  expect(triple("2.6-20260801", "v2.6.3")).toEqual([2, 6, 3]);
  expect(triple("2.6-20260801", "v2.3.5-lite")).toEqual([2, 6, 9999]);
});

it("isMilvusLite() tells the Python library from a server's embedded build", () => {
  expect(["milvus_lite-3.2.1", "milvus-lite", "v2.3.5-lite", "v2.6.4"].map(isMilvusLite)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it("isAtLeast() compares part by part", () => {
  const version = { major: 2, minor: 10, patch: 3, text: "2.10.3" };
  const releases = ["2.9.9", "2.10.3", "2.10.4", "3.0.0", "1.99.0"];
  expect(releases.map((release) => isAtLeast(version, release))).toEqual([true, true, false, false, true]);
});

it("capabilitiesOf() draws the lines that restore and backup depend on", () => {
  const table = ["v2.2.9", "v2.3.5-lite", "v2.4.5", "v2.4.7", "v2.6.11"].map((text) => {
    const version = findVersion([text]);
    if (version === undefined) throw new Error(text);
    const { importV2, importsSerial, l0Segments, segmentLevel, describeDatabase, arrays, addField, flushAll } =
      capabilitiesOf(version);
    return { text, importV2, importsSerial, l0Segments, segmentLevel, describeDatabase, arrays, addField, flushAll };
  });
  const none = {
    importV2: false,
    importsSerial: true,
    l0Segments: false,
    segmentLevel: false,
    describeDatabase: false,
  };
  const v24 = { importV2: true, importsSerial: false, l0Segments: true, describeDatabase: true, arrays: true };
  expect(table).toEqual([
    { text: "v2.2.9", ...none, arrays: false, addField: false, flushAll: false },
    { text: "v2.3.5-lite", ...none, arrays: true, addField: false, flushAll: false },
    { text: "v2.4.5", ...v24, segmentLevel: false, addField: false, flushAll: false },
    { text: "v2.4.7", ...v24, segmentLevel: true, addField: false, flushAll: false },
    { text: "v2.6.11", ...v24, segmentLevel: true, addField: true, flushAll: true },
  ]);
});
