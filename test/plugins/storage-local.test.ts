import { Buffer } from "node:buffer";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toStorageError } from "../../plugins/storage-local/errors.ts";
import { local } from "../../plugins/storage-local/index.ts";
import type { LocalOptions } from "../../plugins/storage-local/index.ts";
import type { Storage } from "../../src/plugin.ts";
import { describeStorage } from "../../src/testing.ts";
import { bodyOf, keysOf, outcomeOf, readText } from "../../src/testing/subject.ts";

const openLocal = (options: LocalOptions): Promise<Storage> => local.open(local.options.parse(options));
const base = await mkdtemp(join(tmpdir(), "storage-local-"));
afterAll(() => rm(base, { recursive: true }));

describeStorage("local", () => openLocal({ path: join(base, "conformance") }));

describe("local", () => {
  let root: string;
  let storage: Storage;
  beforeEach(async () => {
    root = join(await mkdtemp(join(base, "test-")), "root");
    storage = await openLocal({ path: root });
  });
  afterEach(() => vi.restoreAllMocks());

  it("reads, lists and deletes nothing in a directory that does not exist, and does not make it", async () => {
    expect(await storage.stat("key")).toBeUndefined();
    expect(await outcomeOf(storage.read("key"))).toBe("missing");
    expect(await keysOf(storage.list(""))).toEqual([]);
    expect(await storage.delete(["key"])).toEqual({ deleted: ["key"], failed: [], retained: [] });
    await storage[Symbol.asyncDispose]();
    expect(await namesIn(join(root, ".."))).toEqual([]);
  });

  it("write() makes the directory, and leaves the object alone in it", async () => {
    await storage.write("a/b/c", bodyOf("content"));
    await storage[Symbol.asyncDispose]();
    expect(await namesIn(root)).toEqual(["a", "a/b", "a/b/c"]);
    expect(await readFile(join(root, "a/b/c"), "utf8")).toBe("content");
  });

  it("write() leaves no file behind when it fails", async () => {
    await storage.write("old", bodyOf("old"));
    const { open: openBody, size } = bodyOf("content");
    await Promise.all([
      outcomeOf(storage.write("new", { size: size + 1, open: openBody })),
      outcomeOf(storage.write("old", bodyOf("new"), { ifAbsent: true })),
      outcomeOf(storage.write("old", bodyOf("new"), { ifMatch: "other" })),
      outcomeOf(storage.write("old/below", bodyOf("new"))),
      outcomeOf(storage.copyFrom?.(storage.location, { sourceKey: "old", key: "new", bytes: 4 }) ?? Promise.reject()),
    ]);
    await storage[Symbol.asyncDispose]();
    expect(await namesIn(root)).toEqual(["old"]);
  });

  it("list() does not show a write that is under way, nor what a killed one has left", async () => {
    const lists: (readonly string[])[] = [];
    const watched = {
      size: 2,
      async *open() {
        yield Buffer.from("a");
        lists.push(await keysOf(storage.list("")), await keysOf(storage.list("", { delimiter: "/" })));
        lists.push(await keysOf(storage.list(".milvus-backup-tmp/")));
        yield Buffer.from("b");
      },
    };
    await storage.write("key", watched);
    expect(lists).toEqual([[], [], []]);
    expect(await keysOf(storage.list(""))).toEqual(["key"]);
  });

  it("write() removes what a killed one has left a day ago, nothing younger", async () => {
    const scratch = join(root, ".milvus-backup-tmp");
    await mkdir(scratch, { recursive: true });
    await writeFile(join(scratch, "left"), "half an obj");
    await storage.write("first", bodyOf("content"));
    expect(await namesIn(scratch)).toEqual(["left"]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 25 * 3_600_000 });
    const later = await openLocal({ path: root });
    await later.write("second", bodyOf("content"));
    vi.useRealTimers();
    expect(await namesIn(scratch)).toEqual([]);
  });

  it("closing removes no folder of another when nothing was written", async () => {
    const scratch = join(root, ".milvus-backup-tmp");
    await mkdir(scratch, { recursive: true });
    expect(await keysOf(storage.list(""))).toEqual([]);
    await storage[Symbol.asyncDispose]();
    expect(await namesIn(root)).toEqual([".milvus-backup-tmp"]);
    await storage.write("key", bodyOf("content"));
    await storage[Symbol.asyncDispose]();
    expect(await namesIn(root)).toEqual(["key"]);
  });

  it("write() refuses the name of the folder where it writes first", async () => {
    expect(await outcomeOf(storage.write(".milvus-backup-tmp/key", bodyOf("content")))).toBe("unsupported");
  });

  it("write() syncs the file, its directory and each directory it made", async () => {
    const synced = await spyOnSync(base);
    await storage.write("a/b/c", bodyOf("content"));
    // root and the scratch folder, the file, a and a/b into their parents, c into a/b
    expect(synced.mock.calls.length).toBe(2 + 1 + 2 + 1);
    await storage.write("a/b/d", bodyOf("content"));
    expect(synced.mock.calls.length).toBe(6 + 2);
    const fast = await openLocal({ path: root, durable: false });
    await fast.write("x/y", bodyOf("content"));
    expect(synced.mock.calls.length).toBe(8);
  });

  it("write(), copyFrom() and link() throw conflict for a key beside a longer or shorter one", async () => {
    await storage.write("a/b", bodyOf("content"));
    for (const key of ["a", "a/b/c"]) {
      expect(await outcomeOf(storage.write(key, bodyOf("new")))).toBe("conflict");
      expect(await outcomeOf(storage.write(key, bodyOf("new"), { ifAbsent: true }))).toBe("conflict");
      const copy = storage.copyFrom?.(storage.location, { sourceKey: "a/b", key });
      expect(await outcomeOf(copy ?? Promise.reject())).toBe("conflict");
      expect(await outcomeOf(storage.link?.("a/b", key) ?? Promise.reject())).toBe("conflict");
    }
    expect(await keysOf(storage.list(""))).toEqual(["a/b"]);
  });

  it("calls throw denied where the user may not", async () => {
    await storage.write("folder/key", bodyOf("content"));
    for (const folder of [base, join(root, "..")]) await chmod(folder, 0o755);
    for (const folder of [root, join(root, "folder")]) await chmod(folder, 0o555);
    const restore = dropPrivileges();
    try {
      expect(await outcomeOf(storage.write("folder/new", bodyOf("content")))).toBe("denied");
      const { deleted, failed } = await storage.delete(["folder/key", "nothing"]);
      expect([deleted, failed.map(({ key, error }) => [key, error.code])]).toEqual([
        ["nothing"],
        [["folder/key", "denied"]],
      ]);
    } finally {
      restore();
      for (const folder of [root, join(root, "folder")]) await chmod(folder, 0o755);
    }
  });

  const WRITE = { action: "write", key: "key", root: "/mnt/nas" };

  it("toStorageError() says what could not be done where, why, and what to do", () => {
    const cause = Object.assign(new Error("ENOSPC: no space left, write"), { code: "ENOSPC", syscall: "write" });
    expect(toStorageError(cause, WRITE)).toMatchObject({
      message: 'Cannot write "key" in /mnt/nas: the disk is full',
      hint: "free space on the disk that holds /mnt/nas",
    });
  });

  it.each([
    ["ENOSPC", "full"],
    ["EDQUOT", "full"],
    ["EROFS", "denied"],
    ["EACCES", "denied"],
    ["EMFILE", "throttled"],
    ["EMLINK", "unsupported"],
    ["EIO", "unavailable"],
  ])("toStorageError() takes %s as %s", (code, expected) => {
    const cause = Object.assign(new Error(`${code}: it failed, write`), { code, syscall: "write" });
    expect(toStorageError(cause, WRITE)).toMatchObject({ code: expected, key: "key", cause });
  });

  it("toStorageError() leaves alone what is not of the file system", () => {
    const errors = [new TypeError("a bug"), "text", Object.assign(new Error("other"), { code: "E_OTHER" })];
    expect(errors.map((error) => toStorageError(error, WRITE))).toEqual(errors);
  });

  it("list() follows links, but not one that leads nowhere", async () => {
    await storage.write("a/b", bodyOf("content"));
    await symlink("a", join(root, "to-folder"));
    await symlink("a/b", join(root, "to-file"));
    await symlink("nothing", join(root, "to-nothing"));
    expect(await keysOf(storage.list(""))).toEqual(["a/b", "to-file", "to-folder/b"]);
    expect(await keysOf(storage.list("", { delimiter: "/" }))).toEqual(["a/", "to-file", "to-folder/"]);
    expect((await storage.delete(["to-file"])).failed).toEqual([]);
    expect(await readText(storage, "a/b")).toBe("content");
  });

  it("list() shows an empty directory as a prefix only: it does not look below each", async () => {
    await mkdir(join(root, "empty/below"), { recursive: true });
    await storage.write("a/b", bodyOf("content"));
    expect(await keysOf(storage.list(""))).toEqual(["a/b"]);
    expect(await keysOf(storage.list("", { delimiter: "/" }))).toEqual(["a/", "empty/"]);
    expect(await keysOf(storage.list("", { delimiter: "/", startAfter: "empty/" }))).toEqual([]);
  });

  it("list() throws rather than leave out a name that is not UTF-8", async () => {
    await mkdir(root);
    await writeFile(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), "content");
    expect(await outcomeOf(keysOf(storage.list("")))).toBe("unsupported");
  });

  it("read() gives the version that was there when it was called", async () => {
    await storage.write("key", bodyOf("first"));
    const { body } = await storage.read("key");
    await storage.write("key", bodyOf("second"));
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("first");
  });

  it("copyFrom() copies from another directory into a file of its own", async () => {
    const source = await openLocal({ path: join(root, "../source") });
    await source.write("prefix/key", bodyOf("content"));
    const from = { ...source.location, prefix: "prefix" };
    const info = await storage.copyFrom?.(from, { sourceKey: "key", key: "copied/key", bytes: 7 });
    const [copied, original] = [await stat(join(root, "copied/key")), await stat(join(root, "../source/prefix/key"))];
    expect([info?.bytes, copied.nlink, copied.ino === original.ino]).toEqual([7, 1, false]);
  });

  it("copyFrom() throws corrupt when the source has not the size that was expected", async () => {
    await storage.write("source", bodyOf("content"));
    const copy = storage.copyFrom?.(storage.location, { sourceKey: "source", key: "copy", bytes: 6 });
    expect(await outcomeOf(copy ?? Promise.reject())).toBe("corrupt");
    expect(await keysOf(storage.list(""))).toEqual(["source"]);
  });

  it("link() makes a hard link", async () => {
    await storage.write("first", bodyOf("content"));
    await storage.link?.("first", "folder/second");
    const [first, second] = [await stat(join(root, "first")), await stat(join(root, "folder/second"))];
    expect([first.nlink, first.ino]).toEqual([2, second.ino]);
  });

  it("delete() removes the directories that it leaves empty, never the root", async () => {
    await storage.write("a/b/c", bodyOf("content"));
    await storage.write("a/d", bodyOf("content"));
    await storage[Symbol.asyncDispose]();
    await storage.delete(["a/b/c"]);
    expect(await namesIn(root)).toEqual(["a", "a/d"]);
    await storage.delete(["a/d"]);
    expect(await namesIn(root)).toEqual([]);
  });
});

async function namesIn(path: string): Promise<readonly string[]> {
  return (await readdir(path, { recursive: true })).toSorted();
}

/** FileHandle is not exported: its prototype is had from one. */
async function spyOnSync(path: string): Promise<{ readonly mock: { readonly calls: readonly unknown[] } }> {
  const handle = await open(path, "r");
  await handle.close();
  return vi.spyOn(Object.getPrototypeOf(handle) as typeof handle, "sync");
}

/** No permission stops root: it becomes nobody until the function that is given back is called. */
function dropPrivileges(): () => void {
  if (process.geteuid?.() !== 0) return () => {};
  process.seteuid?.(65_534);
  return () => process.seteuid?.(0);
}
