import { readdir } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { messageOf } from "../core/errors.ts";
import { CONFIG_EXTENSIONS } from "./load-file.ts";

interface PolicyFile {
  /** The file's name without its extension. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

interface PolicyFiles {
  readonly files: readonly PolicyFile[];
  readonly problems: readonly string[];
}

/** The policy files beside a config, sorted by name. The folder need not exist unless the config names it. */
export async function findPolicyFiles(directory: string, named: unknown): Promise<PolicyFiles> {
  const folder = typeof named === "string" ? named : "policies";
  try {
    return { files: await listPolicyFiles(resolve(directory, folder)), problems: [] };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing && named === undefined) return { files: [], problems: [] };
    return { files: [], problems: [`cannot read the folder of policies: ${messageOf(error)}`] };
  }
}

async function listPolicyFiles(directory: string): Promise<readonly PolicyFile[]> {
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
