import { BackupError } from "../core/errors.ts";

/** Where in a file something is wrong: a byte counted from 0, and a path like `infos[3].size`. */
export interface Spot {
  readonly file: string;
  readonly offset?: number | undefined;
  readonly path?: string | undefined;
}

/** The error for a file that cannot be what it claims to be; the message never quotes the file's text. */
export function damaged(spot: Spot, reason: string, cause?: unknown): BackupError {
  const { file, offset, path } = spot;
  const place = [offset === undefined ? "" : `at byte ${offset}`, path ? `in ${path}` : ""].filter(
    (part) => part !== "",
  );
  const message = ["Cannot read", file, ...place].join(" ");
  return new BackupError("damaged", `${message}: ${reason}`, {
    cause,
    hint: "take it from another copy of the backup",
    facts: { ...spot },
  });
}

/** The same for what JSON cannot show: meta objects that contradict themselves or each other. */
export function damagedMeta(reason: string): BackupError {
  return damaged({ file: "the meta files" }, reason);
}
