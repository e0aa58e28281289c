import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { checkTarget } from "../../src/engine/check-target.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";

const check = (storage: Storage, now: () => Date = () => new Date()) =>
  checkTarget(
    { name: "nas", storage, readableByMilvus: false, [Symbol.asyncDispose]: async () => {} },
    { id: "r1", now },
  );

const statuses = async (storage: Storage, now?: () => Date) =>
  Object.fromEntries((await check(storage, now)).map(({ check: name, status }) => [name, status]));

describe("checkTarget()", () => {
  it("checkTarget() finds nothing wrong with a storage that does all, and leaves nothing behind", async () => {
    const storage = openMemory();
    await writeAll(storage, { "b1/meta/manifest.json": "{}" });
    expect(await statuses(storage)).toMatchObject({ write: "ok", copy: "ok", clock: "ok", conditions: "ok" });
    expect(await keysOf(storage)).toEqual(["b1/meta/manifest.json"]);
  });

  it("checkTarget() warns of a service that refuses to copy, and of one without conditions", async () => {
    const refusing = failingStorage(
      openMemory(),
      failOn("denied", ({ kind }) => kind === "copy"),
    );
    expect(await statuses(refusing)).toMatchObject({ write: "ok", copy: "warning" });
    const memory = openMemory();
    const plain = { ...memory, capabilities: { ...memory.capabilities, ifAbsent: false } };
    expect(await statuses(plain)).toMatchObject({ conditions: "warning" });
  });

  it.each([
    [3_600_000, "1h 0m behind"],
    [-3_600_000, "1h 0m ahead of"],
  ])("checkTarget() warns of a clock that is %i ms off", async (offset, words) => {
    const findings = await check(openMemory(), () => new Date(Date.now() + offset));
    expect(findings.find(({ check: name }) => name === "clock")).toMatchObject({
      status: "warning",
      message: expect.stringContaining(words),
    });
  });

  it.each(["write", "read", "stat"] as const)("checkTarget() fails when it cannot %s", async (kind) => {
    const storage = openMemory();
    await expect(
      check(
        failingStorage(
          storage,
          failOn("denied", (asked) => asked.kind === kind),
        ),
      ),
    ).rejects.toMatchObject({
      code: "denied",
    });
    expect(await keysOf(storage)).toEqual([]);
  });

  it("checkTarget() fails when what it reads is not what it wrote", async () => {
    const storage = openMemory();
    const lying: Storage = {
      ...storage,
      read: async (key, options) => {
        const { info } = await storage.read(key, options);
        return { info, body: (async function* () {})() };
      },
    };
    await expect(check(lying)).rejects.toMatchObject({ code: "damaged" });
  });

  it("checkTarget() fails when the probe cannot be deleted: no backup could be", async () => {
    const storage = openMemory();
    const keeping: Storage = {
      ...storage,
      delete: async (keys) => ({ deleted: [], failed: [], retained: [...keys] }),
    };
    await expect(check(keeping)).rejects.toMatchObject({ code: "refused" });
    await expect(
      check(
        failingStorage(
          storage,
          failOn("denied", ({ kind }) => kind === "delete"),
        ),
      ),
    ).rejects.toMatchObject({
      code: "denied",
    });
  });
});
