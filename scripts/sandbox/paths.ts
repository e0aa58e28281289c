import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where this folder is: the Python scripts and requirements.txt lie beside the code. */
export const scriptsFolder: string = dirname(fileURLToPath(import.meta.url));

/** Everything the sandbox installs and writes; ignored by git, and may be deleted while the sandbox is down. */
export const sandboxFolder: string = join(scriptsFolder, "../../.sandbox");

export const statePath: string = join(sandboxFolder, "state.json");
export const lockPath: string = join(sandboxFolder, "lock");
export const logsFolder: string = join(sandboxFolder, "logs");
