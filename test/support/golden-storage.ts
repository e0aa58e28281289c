import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { fileBody } from "../../src/io/body.ts";
import { goldenDirectory } from "./golden.ts";
import type { GoldenRelease } from "./golden.ts";

/** Copies a backup of the Go tool into a storage, under this name. */
export async function writeGolden(storage: Storage, release: GoldenRelease, backup: string): Promise<void> {
  const root = goldenDirectory(release);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    await storage.write(`${backup}/${path.slice(fileURLToPath(root).length)}`, await fileBody(path));
  }
}
