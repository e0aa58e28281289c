import { BackupError } from "../core/errors.ts";
import { checkPattern } from "../core/select.ts";

/** The globs of a flag as they were given; a BackupError "usage" for one that is none. */
export function readPatterns(flag: string, patterns: readonly string[]): readonly string[] {
  for (const pattern of patterns) {
    const problem = checkPattern(pattern);
    if (problem === undefined) continue;
    throw new BackupError("usage", `--${flag} cannot be ${JSON.stringify(pattern)}: ${problem}`, {
      hint: `for several say --${flag} several times`,
    });
  }
  return patterns;
}
