import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHashPool } from "../../plugins/storage-local/hash-pool.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "milvus-backup-hashes-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("createHashPool()", () => {
  it("hashes more files than it has threads, longer and shorter than its buffer", async () => {
    await using pool = createHashPool(2);
    const contents = [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 3 * 2 ** 20].map((size, at) =>
      Buffer.alloc(size, at + 1),
    );
    const paths = contents.map((_, at) => join(folder, `${at}`));
    await Promise.all(contents.map((content, at) => writeFile(paths[at] ?? "", content)));
    const hashes = await Promise.all(paths.map((path) => pool.sha256Of(path)));
    expect(hashes).toEqual(contents.map((content) => createHash("sha256").update(content).digest("hex")));
  });

  it("throws what reading throws, with its code, and goes on", async () => {
    await using pool = createHashPool(1);
    await writeFile(join(folder, "there"), "");
    const missing = pool.sha256Of(join(folder, "missing"));
    const there = pool.sha256Of(join(folder, "there"));
    await expect(missing).rejects.toMatchObject({ code: "ENOENT", message: expect.stringContaining("missing") });
    expect(await there).toBe(createHash("sha256").digest("hex"));
  });
});
