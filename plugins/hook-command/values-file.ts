import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file that a command may write. */
export interface ValuesFile extends AsyncDisposable {
  readonly path: string;
  /** The JSON in it, {} when there is none. An Error that says what is wrong, without its content. */
  read(): Promise<Readonly<Record<string, string>>>;
}

const MAX_BYTES = 256 * 1024;

/** Nobody else may read it: what hooks tell each other may be a secret. */
export async function createValuesFile(): Promise<ValuesFile> {
  const folder = await mkdtemp(join(tmpdir(), "milvus-backup-hook-")); // mode 0700
  const path = join(folder, "values.json");
  return {
    path,
    read: async () => {
      const text = await readIfThere(path);
      if (text.trim() === "") return {};
      try {
        return JSON.parse(text) as Readonly<Record<string, string>>; // the host checks what is in it
      } catch {
        throw new Error("What it wrote to MILVUS_BACKUP_VALUES is not JSON"); // the parser's message quotes it
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readIfThere(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > MAX_BYTES) throw new Error(`What it wrote to MILVUS_BACKUP_VALUES has ${size} bytes, more than 262144`);
    return await file.readFile("utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
