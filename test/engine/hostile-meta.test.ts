import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { openBackup } from "../../src/catalog/open-backup.ts";
import { isBackupError } from "../../src/core/errors.ts";
import { openMetaStore } from "../../src/engine/meta-store.ts";
import { prepareRestore } from "../../src/engine/restore.ts";
import { META_KEYS } from "../../src/format/keys.ts";
import { bytesBody } from "../../src/io/body.ts";
import { openTestJob } from "../support/engine-run.ts";
import { failingStorage, isChange } from "../support/failing-storage.ts";
import { readGolden } from "../support/golden.ts";
import { writeGolden } from "../support/golden-storage.ts";

/** What an attacker would put in the place of some bytes. */
const hostile = fc.oneof(
  fc.constantFrom(
    "../../x",
    "/etc/passwd",
    "-1",
    "0",
    "18446744073709551616",
    "1e400",
    "null",
    '"',
    "\\",
    "\0",
    "{",
    "[]",
  ),
  fc.constantFrom('"__proto__":{', '"collection_id":1,', '"collection_name":"../y",', '"log_id":-7,', "}", ",", ":"),
  fc.nat(999_999_999).map(String),
);
const edits = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), cut: fc.nat(30), put: hostile }), {
  minLength: 1,
  maxLength: 3,
});

it("prepareRestore() of any meta file ends in a plan or in damage, and looks at nothing but the backup", async () => {
  const golden = Buffer.from(await readGolden("v0.5.16", META_KEYS.full));
  const target = openMemory();
  await writeGolden(target, "v0.5.16", "g1");
  const strayed: string[] = [];
  const watched = failingStorage(target, ({ kind, key }) => {
    if (!key.startsWith("g1/") || isChange(kind)) strayed.push(`${kind} ${key}`);
    return undefined;
  });
  await using job = await openTestJob({ collections: [], target: watched });
  const { source, run } = job;
  const outcomeOf = async (): Promise<string> => {
    await using metas = await openMetaStore(run.runId);
    try {
      const opened = await openBackup(watched, "g1");
      const input = { source, target: job.target, opened, metas, signal: run.signal };
      await prepareRestore(input, { select: [], onConflict: "fail" });
      return "plan";
    } catch (error) {
      return isBackupError(error) ? error.code : String(error);
    }
  };
  await fc.assert(
    fc.asyncProperty(edits, async (changes) => {
      let content = golden;
      for (const { at, cut, put } of changes) {
        const from = Math.floor(at * content.length);
        content = Buffer.concat([content.subarray(0, from), Buffer.from(put), content.subarray(from + cut)]);
      }
      await target.write(`g1/${META_KEYS.full}`, bytesBody(content));
      expect(["plan", "damaged", "refused"]).toContain(await outcomeOf());
      expect(strayed).toEqual([]);
    }),
    { numRuns: 100 },
  );
  expect(job.fake.requests.filter(({ rpc }) => /^(Create|Import|Drop|Alter)/.test(rpc))).toEqual([]);
}, 60_000);
