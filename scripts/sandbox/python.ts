import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { SandboxError } from "./sandbox-error.ts";

const run = promisify(execFile);

const alternatives = `The sandbox runs Milvus and an S3 server from Python packages. Without them, use servers of your own:
  - with Docker: docker compose -f scripts/sandbox/compose.yaml up -d --wait, then set the variables named in that file;
  - any other test instances: set the SANDBOX_ variables yourself (see scripts/sandbox/environment.ts);
  - to just back up a Milvus of yours, no sandbox is needed: MILVUS_ADDRESS=host:port or a policy file.`;

/** The Python to make the virtual environment with; says what is missing where there is none that fits. */
export async function findPython(): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new SandboxError(
      `Cannot run the sandbox on ${process.platform} ${process.arch}: its packages are for Linux on x86-64`,
      {
        hint: alternatives,
      },
    );
  }
  const check = "import sys, venv, ensurepip; assert sys.version_info >= (3, 9)";
  try {
    await run("python3", ["-c", check]);
    return "python3";
  } catch (error) {
    throw new SandboxError(whatIsMissing(error), { hint: alternatives, cause: error });
  }
}

function whatIsMissing(error: unknown): string {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === "ENOENT") return "Cannot run the sandbox: there is no python3 on the PATH";
  if (stderr?.includes("ModuleNotFoundError")) {
    return "Cannot run the sandbox: this Python has no venv module (on Debian and Ubuntu: apt install python3-venv)";
  }
  if (stderr?.includes("AssertionError")) return "Cannot run the sandbox: python3 is older than 3.9";
  return `Cannot run the sandbox: python3 does not work: ${stderr ?? String(error)}`;
}
