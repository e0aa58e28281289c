import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openMemory } from "../../plugins/storage-memory/memory.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { StorageError } from "../../src/core/contracts/storage.ts";
import { bytesBody } from "../../src/io/body.ts";
import { createCopier } from "../../src/io/copy-object.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { failingStorage, failOn } from "../support/failing-storage.ts";
import { recordingStorage } from "../support/recording-storage.ts";
import { readText, writeAll } from "../support/storage-content.ts";

const CONTENT = { "a/1": "one", "a/2": "two", "a/3": "" };
const COPIES = [
  { sourceKey: "1", key: "x", bytes: 3 },
  { sourceKey: "2", key: "y", bytes: 3 },
  { sourceKey: "3", key: "z", bytes: 0 },
];

async function openSource(): Promise<Storage> {
  const storage = openMemory();
  await writeAll(storage, CONTENT);
  return storage;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("createCopier()", () => {
  it("createCopier() copies within the service where both are of one", async () => {
    const storage = await openSource();
    const to = recordingStorage(scopeStorage(storage, "b"));
    const copy = createCopier({ from: scopeStorage(storage, "a"), to });
    const copied = await Promise.all(COPIES.map(copy));
    expect(copied.map(({ key, bytes, method }) => [key, bytes, method])).toEqual([
      ["x", 3, "server"],
      ["y", 3, "server"],
      ["z", 0, "server"],
    ]);
    expect(to.changes).toEqual(["copy x", "copy y", "copy z"]);
    expect(await readText(storage, "b/y")).toBe("two");
  });

  it("createCopier() streams between two services, and tells the sha256 of what came through", async () => {
    const to = openMemory();
    const copy = createCopier({ from: scopeStorage(await openSource(), "a"), to });
    const copied = await Promise.all(COPIES.map(copy));
    expect(copied.map(({ key, method, sha256: hash }) => [key, method, hash])).toEqual([
      ["x", "stream", sha256("one")],
      ["y", "stream", sha256("two")],
      ["z", "stream", sha256("")],
    ]);
    expect(await readText(to, "x")).toBe("one");
  });

  it.each(["denied", "unsupported"] as const)(
    "createCopier() streams from then on when the service says %s, and tells it once",
    async (code) => {
      const storage = await openSource();
      const refused = failingStorage(
        scopeStorage(storage, "b"),
        failOn(code, ({ kind }) => kind === "copy"),
      );
      const reasons: unknown[] = [];
      const copy = createCopier({
        from: scopeStorage(storage, "a"),
        to: refused,
        onFallback: (reason) => reasons.push(reason),
      });
      const copied = await Promise.all(COPIES.map(copy));
      expect(copied.map(({ method }) => method)).toEqual(["stream", "stream", "stream"]);
      expect(reasons).toEqual([expect.any(StorageError)]);
      expect(await readText(storage, "b/x")).toBe("one");
    },
  );

  it("createCopier() lets any other failure of the service fly", async () => {
    const storage = await openSource();
    const to = recordingStorage(
      failingStorage(
        storage,
        failOn("missing", ({ kind }) => kind === "copy"),
      ),
    );
    const copy = createCopier({ from: storage, to });
    await expect(copy({ sourceKey: "a/1", key: "x", bytes: 3 })).rejects.toMatchObject({ code: "missing" });
    expect(to.changes).toEqual(["copy x"]);
  });

  it.each([2, 4])(
    "createCopier() writes nothing when the object has other than the %i bytes expected",
    async (bytes) => {
      const to = openMemory();
      const copy = createCopier({ from: await openSource(), to });
      await expect(copy({ sourceKey: "a/1", key: "x", bytes })).rejects.toMatchObject({ code: "corrupt" });
      expect(await to.stat("x")).toBeUndefined();
    },
  );

  it("createCopier() tells the sha256 of the attempt that was written", async () => {
    const source = openMemory();
    await source.write("a", bytesBody("old"));
    const to = openMemory();
    const twice: Storage = {
      ...to,
      write: async (key, body, options) => {
        await to.write(key, body, options);
        await source.write("a", bytesBody("new"));
        return to.write(key, body, options);
      },
    };
    const copied = await createCopier({ from: source, to: twice })({ sourceKey: "a", key: "x", bytes: 3 });
    expect([copied.sha256, await readText(to, "x")]).toEqual([sha256("new"), "new"]);
  });

  it("createCopier() stops when its signal does", async () => {
    const copy = createCopier({ from: await openSource(), to: openMemory(), signal: AbortSignal.abort() });
    await expect(copy({ sourceKey: "a/1", key: "x", bytes: 3 })).rejects.toMatchObject({ code: "aborted" });
  });
});
