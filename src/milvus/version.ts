/** A Milvus release. Its text is what the server said, "v2.3.5-lite". */
export interface MilvusVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly text: string;
}

/** The patch of a build that names only its line ("2.6-20260801-abc"): newer than every release of the line. */
const HEAD_OF_LINE = 9999;

const RELEASE = /^v?(\d+)\.(\d+)\.(\d+)(?:\.\d+)?$/;
const EMBEDDED = /(?:^|milvus[-_:/ ]*)v?(\d+)\.(\d+)(?:\.(\d+))?(?!\d)/i;

/**
 * The version that a server's names for itself stand for: the first that is a plain release, else the first that holds
 * one; undefined when none does. The same choice as the Go tool's.
 */
export function findVersion(names: readonly string[]): MilvusVersion | undefined {
  return firstMatch(names, RELEASE) ?? firstMatch(names, EMBEDDED);
}

/** Milvus Lite, the Python library, has no segments to back up; a server's "-lite" suffix only means its embedded build. */
export function isMilvusLite(name: string): boolean {
  return /milvus[-_]lite/i.test(name);
}

/** Whether a version is that release ("2.4.3") or newer. Suffixes are not older than their release. */
export function isAtLeast({ major, minor, patch }: MilvusVersion, release: string): boolean {
  const [wantMajor = 0, wantMinor = 0, wantPatch = 0] = release.split(".").map(Number);
  if (major !== wantMajor) return major > wantMajor;
  if (minor !== wantMinor) return minor > wantMinor;
  return patch >= wantPatch;
}

function firstMatch(names: readonly string[], pattern: RegExp): MilvusVersion | undefined {
  for (const text of names) {
    const [, major, minor, patch] = pattern.exec(text) ?? [];
    if (major === undefined || minor === undefined) continue;
    return { major: Number(major), minor: Number(minor), patch: Number(patch ?? HEAD_OF_LINE), text };
  }
  return undefined;
}
