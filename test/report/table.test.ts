import { expect, it } from "vitest";
import { formatTable } from "../../src/report/table.ts";

it("formatTable() aligns columns under their titles, numbers to the right, without trailing blanks", () => {
  const columns = [{ title: "NAME" }, { title: "BYTES", align: "right" as const }, { title: "STATE" }];
  const rows = [
    ["nightly_20261124_020000", "1.5 KiB", "complete"],
    ["b", "12 B", ""],
  ];
  expect(formatTable(columns, rows).split("\n")).toEqual([
    "NAME                       BYTES  STATE",
    "nightly_20261124_020000  1.5 KiB  complete",
    "b                           12 B",
  ]);
});
