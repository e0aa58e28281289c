import { describe, expect, it } from "vitest";
import type { Damage } from "../../src/core/check-outcome.ts";
import { isAccused } from "../../src/engine/accused-files.ts";
import { createDamageLog } from "../../src/engine/verify-job.ts";
import { META_KEYS } from "../../src/format/keys.ts";

const METAS = Object.values(META_KEYS).toSorted();
const MANIFESTS = ["meta/manifest.age", "meta/manifest.json"];
const LISTS = ["meta/objects/200.jsonl.gz", "meta/objects/300.jsonl.gz"];
const KEYS = ["meta/key.age", "meta/key-0123456789abcdef.age"];

function accusedBy(damage: Partial<Damage>): readonly string[] {
  const log = createDamageLog();
  log.add({ kind: "unreadable", message: "it cannot be read", ...damage });
  return [...METAS, ...MANIFESTS, ...LISTS, ...KEYS].filter((key) => isAccused(log, key)).toSorted();
}

describe("isAccused", () => {
  it.each<[string, Partial<Damage>, readonly string[]]>([
    ["the list that cannot be read", { key: LISTS[0] }, [LISTS[0] ?? ""]],
    ["the level file that cannot be read", { key: META_KEYS.segment }, [META_KEYS.segment]],
    ["the key that is lost", { kind: "missing", key: KEYS[1] }, [KEYS[1] ?? ""]],
    ["both parts of a manifest", { key: "meta/manifest.json" }, MANIFESTS],
    ["all meta files that contradict each other", { kind: "different", key: META_KEYS.full }, METAS],
    ["all meta files that contradict the manifest", { kind: "different" }, METAS],
    ["a list and the meta files that contradict it", { kind: "different", key: LISTS[1] }, [...METAS, LISTS[1] ?? ""]],
  ])("isAccused() is true of %s, and of no other file", (_, damage, expected) => {
    expect(accusedBy(damage)).toEqual(expected.toSorted());
  });
});
