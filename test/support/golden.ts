/** Backups that releases of the Go tool made of one Milvus: five collections in two databases. */
import { createReadStream } from "node:fs";
import { access, readdir, readFile, stat } from "node:fs/promises";
import type { OpenFile } from "../../src/format/meta-files.ts";

export const GOLDEN_RELEASES = ["v0.4.15", "v0.5.16"] as const;
export type GoldenRelease = (typeof GOLDEN_RELEASES)[number];

/** The backup's directory, with a slash at its end. */
export function goldenDirectory(release: GoldenRelease): URL {
  return new URL(`../../../shared/golden/go-${release}/golden/`, import.meta.url);
}

export function readGolden(release: GoldenRelease, key: string): Promise<string> {
  return readFile(new URL(key, goldenDirectory(release)), "utf8");
}

/** Opens the backup's files in small chunks; those named are as if they were not there. */
export function openGolden(release: GoldenRelease, without: readonly string[] = []): OpenFile {
  return async (key) => {
    const file = new URL(key, goldenDirectory(release));
    const isThere = !without.includes(key) && (await access(file).then(() => true, isMissing));
    return isThere ? createReadStream(file, { highWaterMark: 997 }) : undefined;
  };
}

/** The keys and sizes of the backup's binlogs, sorted. */
export async function listGoldenPayload(release: GoldenRelease): Promise<readonly { key: string; bytes: number }[]> {
  const root = goldenDirectory(release);
  const names = await readdir(new URL("binlogs/", root), { recursive: true });
  const found = names.map(async (name) => {
    const key = `binlogs/${name}`;
    const info = await stat(new URL(key, root));
    return info.isFile() ? [{ key, bytes: info.size }] : [];
  });
  return (await Promise.all(found)).flat().toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function isMissing(error: unknown): false {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
  throw error;
}
