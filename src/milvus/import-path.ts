import { BackupError } from "../core/errors.ts";

/** Where Milvus keeps its objects: an import path is an object key in its bucket, or a directory of its disk. */
export type ImportPlace = "bucket" | "disk";

/**
 * Why Milvus would misread this directory, undefined when it would not. Milvus 2.3 takes what it cannot find for an
 * import of zero rows that succeeded, so the path is checked before it is sent.
 */
export function findPathProblem(path: string, place: ImportPlace): string | undefined {
  if (path === "" || path === "/") return "it is empty";
  if (!path.endsWith("/")) return 'it does not end with "/", so directories whose names start alike would be read, too';
  const isAbsolute = path.startsWith("/");
  if (place === "disk" && !isAbsolute) return "it is not absolute, and Milvus has a working directory of its own";
  if (place === "bucket" && isAbsolute) return 'it starts with "/", which no object key does';
  return findPartProblem(path.slice(isAbsolute ? 1 : 0, -1).split("/"));
}

/** Throws a BackupError "refused" unless Milvus will read exactly this directory. */
export function checkImportPath(path: string, place: ImportPlace): void {
  const problem = findPathProblem(path, place);
  if (problem === undefined) return;
  throw new BackupError("refused", `Cannot import from "${path}": ${problem}`, { facts: { path, place } });
}

function findPartProblem(parts: readonly string[]): string | undefined {
  if (parts.includes("")) return 'it has "//" in it, which matches no file';
  if (parts.includes(".") || parts.includes("..")) return 'it has a "." or ".." in it, which matches no file';
  return parts.at(-1)?.includes(".") ? "its last element has a dot, which Milvus takes for a file type" : undefined;
}
