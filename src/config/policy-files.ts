import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { CONFIG_EXTENSIONS } from "./load-file.ts";

export interface PolicyFile {
  /** The file's name without its extension. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** The policy files of a folder, sorted by name. */
export async function listPolicyFiles(directory: string): Promise<readonly PolicyFile[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory() && isPolicyFile(entry.name)).map(({ name }) => name);
  return files.toSorted().map((file) => ({ name: file.slice(0, -extname(file).length), path: join(directory, file) }));
}

/** Hidden files are editors' and systems'; `.d.ts` files are the compiler's. */
function isPolicyFile(name: string): boolean {
  return (
    !name.startsWith(".") && !name.endsWith(".d.ts") && CONFIG_EXTENSIONS.some((extension) => name.endsWith(extension))
  );
}
