import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { BackupError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { CONFIG_EXTENSIONS } from "./load-file.ts";

/**
 * The file that is laid over a config for an environment: `milvus-backup.config.prod.yaml` beside
 * `milvus-backup.config.ts`. BackupError "invalid", with the names there are.
 */
export async function findOverlay(config: string, environment: string | undefined): Promise<string | undefined> {
  if (environment === undefined) return undefined;
  const directory = dirname(config);
  const stem = stemOf(config);
  const files = await listOverlays(directory, stem);
  const [found, second] = files.filter(({ name }) => name === environment);
  if (second !== undefined) {
    throw new BackupError(
      "invalid",
      `The environment ${environment} is there twice, in ${found?.file} and ${second.file}`,
    );
  }
  if (found !== undefined) return join(directory, found.file);
  const names = [...new Set(files.map(({ name }) => name))];
  throw new BackupError("invalid", `There is no environment "${environment}"${didYouMean(environment, names)}`, {
    hint:
      names.length === 0 ? `it is a file ${stem}.${environment}.yaml in ${directory}` : `there is ${names.join(", ")}`,
  });
}

/** A `package.json` and a `.milvus-backuprc` have the overlays that a config of their own would have. */
function stemOf(config: string): string {
  const extension = CONFIG_EXTENSIONS.find((ending) => config.endsWith(ending));
  const isOurs = extension !== undefined && basename(config) !== "package.json";
  return isOurs ? basename(config, extension) : "milvus-backup.config";
}

interface Overlay {
  readonly name: string;
  readonly file: string;
}

async function listOverlays(directory: string, stem: string): Promise<readonly Overlay[]> {
  const files = (await readdir(directory)).filter((file) => CONFIG_EXTENSIONS.some((ending) => file.endsWith(ending)));
  return files.toSorted().flatMap((file) => {
    const name = file.slice(stem.length + 1, -extname(file).length);
    const isOverlay = file.startsWith(`${stem}.`) && name !== "" && !file.endsWith(".d.ts");
    return isOverlay ? [{ name, file }] : [];
  });
}
