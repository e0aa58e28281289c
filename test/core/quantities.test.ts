import { describe, expect, it } from "vitest";
import { parseBytes, formatBytes, formatCount, formatDuration, formatPlural } from "../../src/core/quantities.ts";

describe("quantities", () => {
  it("formatBytes() chooses the unit", () => {
    expect([0, 1023, 1536, 1024 ** 3, 2 ** 62].map(formatBytes)).toEqual([
      "0 B",
      "1023 B",
      "1.5 KiB",
      "1.0 GiB",
      "4096.0 PiB",
    ]);
  });

  it("formatCount() groups by thousands", () => {
    expect([formatCount(7), formatCount(9850), formatCount(12345678901234567890n)]).toEqual([
      "7",
      "9,850",
      "12,345,678,901,234,567,890",
    ]);
  });

  it("formatPlural() counts one row and two rows", () => {
    expect([formatPlural(1, "row"), formatPlural(2000, "row")]).toEqual(["1 row", "2,000 rows"]);
  });

  it("formatDuration() gives the two largest units", () => {
    expect([0, 1234, 10_000, 73_000, 3_600_000, 90_061_000].map(formatDuration)).toEqual([
      "0.0s",
      "1.2s",
      "10s",
      "1m 13s",
      "1h 0m",
      "25h 1m",
    ]);
  });
});

it("parseBytes() reads what formatBytes() writes, and what people write", () => {
  expect(["0", "7 B", "1KiB", "1.5 MiB", "2gib"].map(parseBytes)).toEqual([0, 7, 1024, 1.5 * 1024 ** 2, 2 * 1024 ** 3]);
  expect(["", "GiB", "1GB", "-1", "1e3", "1.KiB"].map(parseBytes)).toEqual(Array.from({ length: 6 }));
});
