/** What verify holds of a large backup: a list and a listing that are read side by side. */
import { gzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import { compareObjects } from "../../src/core/copy-plan.ts";
import type { FoundObject } from "../../src/core/copy-plan.ts";
import type { ListEntry, Storage } from "../../src/core/contracts/storage.ts";
import { openObjectSpool } from "../../src/engine/object-spool.ts";
import { createDamageLog } from "../../src/engine/verify-job.ts";
import { verifyObjects } from "../../src/engine/verify-objects.ts";
import { encodeObjectLine } from "../../src/format/objects-list.ts";
import { createLimit } from "../../src/io/limit.ts";
import { createTestRun, toTarget } from "../support/engine-run.ts";

const OBJECTS = 20_000;
const keys = Array.from({ length: OBJECTS }, (_, index) => `binlogs/insert_log/10/20/30/100/${100_000 + index}`);

it("compareObjects() reads both sides at the same pace, so that it holds nothing where their order is the same", async () => {
  const read = { expected: 0, found: 0 };
  let ahead = 0;
  async function* side(name: keyof typeof read): AsyncGenerator<FoundObject> {
    for (const key of keys) {
      read[name] += 1;
      ahead = Math.max(ahead, Math.abs(read.expected - read.found));
      yield { key, bytes: 1 };
    }
  }
  const differences = await compareObjects(side("expected"), side("found"));
  expect([differences, read, ahead]).toEqual([
    { missing: [], extra: [], resized: [] },
    { expected: OBJECTS, found: OBJECTS },
    1,
  ]);
});

/** A backup of one collection; told how far the listing is whenever another part of the list of its objects is read. */
function slowStorage(tellListed: (listed: number) => void): { readonly storage: Storage; readonly parts: number } {
  const sha256 = (key: string): string => createHash("sha256").update(key).digest("hex"); // hardly to be compressed
  const packed = gzipSync(keys.map((key) => encodeObjectLine({ key, bytes: 1, sha256: sha256(key) })).join(""));
  const PART = 16 * 1024;
  const parts = Math.ceil(packed.length / PART);
  let listed = 0;
  async function* list(): AsyncGenerator<ListEntry> {
    for (const key of keys) {
      listed += 1;
      yield { kind: "object", key: `b1/${key}`, bytes: 1 };
    }
  }
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let part = 0; part < parts; part++) {
      tellListed(listed);
      yield packed.subarray(part * PART, (part + 1) * PART);
    }
  }
  const read: Storage["read"] = async (key) => ({ info: { key, bytes: packed.length }, body: body() });
  return { storage: { ...openMemory(), list, read }, parts };
}

it("verifyObjects() lists a collection's objects while it reads the list of them", async () => {
  const listedAt: number[] = [];
  const { storage, parts } = slowStorage((listed) => listedAt.push(listed));
  await using spool = await openObjectSpool("r1");
  const damage = createDamageLog();
  const job = {
    run: createTestRun("r1"),
    limits: { collections: 1, objects: 1, imports: 1 },
    objectLimit: createLimit(1),
  };
  const told = { backup: "b1", manifest: undefined, isOurs: true, part: { number: 1, of: 1 } };
  const check = { ...told, job, target: toTarget("nas", storage), stored: storage, spool, damage, progress: () => {} };
  const name = { database: "default", name: "book" };
  const subject = { id: "10", name, objects: { insert: OBJECTS, delta: 0 }, bytes: OBJECTS, hasList: true };
  expect(await verifyObjects(check, [subject])).toBe(OBJECTS);
  expect([damage.found, listedAt.length]).toEqual([0, parts]);
  const perPart = OBJECTS / parts;
  const ahead = listedAt.map((listed, part) => Math.abs(part * perPart - listed));
  expect(Math.max(...ahead)).toBeLessThan(OBJECTS / 4); // parts are read ahead, but far from all of them
});
