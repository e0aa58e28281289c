import { BackupError } from "../core/errors.ts";

/** The choice when it is one that the flag knows; a BackupError "usage" for another. */
export function oneOf<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === text);
  if (found !== undefined) return found;
  throw new BackupError("usage", `--${flag} is ${allowed.join(", ")}, not ${JSON.stringify(text)}`);
}
