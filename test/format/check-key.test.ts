import { describe, expect, it } from "vitest";
import { checkKey, checksPrefix, parseCheckKey } from "../../src/format/check-key.ts";
import type { StoredCheck } from "../../src/format/check-key.ts";

const CHECK: StoredCheck = {
  backup: "nightly_20261124_020000",
  level: "checksum",
  part: { number: 3, of: 30 },
  at: "2026-11-24T02:15:00.789Z",
  verdict: "damaged",
};
const KEY = ".milvus-backup/checks/nightly_20261124_020000/checksum.3of30.20261124T021500789Z.damaged";

describe("checkKey", () => {
  it("checkKey() says all that lists need, and parseCheckKey() reads it", () => {
    expect(checkKey(CHECK)).toBe(KEY);
    expect(parseCheckKey(KEY)).toEqual(CHECK);
    const toTheSecond = { ...CHECK, at: "2026-11-24T02:15:00.000Z" };
    expect(parseCheckKey(KEY.replace("789Z", "Z"))).toEqual(toTheSecond);
  });

  it.each([
    ["another directory", KEY.replace("checks", "pins")],
    ["a level of a later release", KEY.replace("checksum", "vectors")],
    ["no time", KEY.replace("20261124T021500789Z", "20261399T021500789Z")],
    ["another verdict", KEY.replace("damaged", "unsure")],
    ["what can be no backup", KEY.replace("nightly", "night-ly")],
  ])("parseCheckKey() has none for %s", (_, key) => {
    expect(parseCheckKey(key)).toBeUndefined();
  });

  it("checksPrefix() refuses what can be no backup's name", () => {
    expect(() => checksPrefix("../x")).toThrow(RangeError);
  });
});
