import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { fileBody } from "../../src/io/body.ts";
import { forEachConcurrent } from "../../src/io/limit.ts";
import { goldenDirectory } from "./golden.ts";
import type { GoldenRelease } from "./golden.ts";

/** Copies a backup of the Go tool into a storage, under this name. */
export async function writeGolden(storage: Storage, release: GoldenRelease, backup: string): Promise<void> {
  const root = goldenDirectory(release);
  const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  await forEachConcurrent(files, { concurrency: 16 }, async ({ parentPath, name }) => {
    const path = `${parentPath}/${name}`;
    await storage.write(`${backup}/${path.slice(fileURLToPath(root).length)}`, await fileBody(path));
  });
}
