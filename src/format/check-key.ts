import { CHECK_LEVELS } from "../core/check-level.ts";
import type { CheckRecord } from "../core/judge-checks.ts";
import { isBackupName } from "./backup-name.ts";
import { CONTROL_DIRECTORY } from "./keys.ts";

/** A check that is recorded in the target: all that lists need is in its key. */
export interface StoredCheck extends CheckRecord {
  readonly backup: string;
}

const DIRECTORY = `${CONTROL_DIRECTORY}/checks/`;

/** Where the checks of a backup are kept, of all backups without one; with a slash at its end. */
export function checksPrefix(backup?: string): string {
  if (backup === undefined) return DIRECTORY;
  if (!isBackupName(backup)) throw new RangeError(`Not a backup's name: ${JSON.stringify(backup)}`);
  return `${DIRECTORY}${backup}/`;
}

/** `.milvus-backup/checks/nightly_20261124_020000/checksum.3of30.20261124T021500789Z.ok` */
export function checkKey({ backup, level, part, at, verdict, isSealed }: StoredCheck): string {
  const stamp = at.replaceAll(/[-:.]/g, "");
  const word = isSealed ? "sealed" : verdict;
  return `${checksPrefix(backup)}${level}.${part.number}of${part.of}.${stamp}.${word}`;
}

const NAME = new RegExp(
  String.raw`^(?<level>${CHECK_LEVELS.join("|")})\.(?<number>\d{1,4})of(?<of>\d{1,4})\.(?<stamp>\d{8}T\d{6}(?:\d{3})?)Z\.(?<verdict>ok|damaged|sealed)$`,
);

/** The inverse of checkKey; undefined for what a later release may put there. */
export function parseCheckKey(key: string): StoredCheck | undefined {
  if (!key.startsWith(DIRECTORY)) return undefined;
  const [backup = "", name = ""] = key.slice(DIRECTORY.length).split("/");
  const record = parseName(name);
  return record !== undefined && isBackupName(backup) ? { backup, ...record } : undefined;
}

function parseName(name: string): CheckRecord | undefined {
  const { level: word, number, of, stamp = "", verdict } = NAME.exec(name)?.groups ?? {};
  const level = CHECK_LEVELS.find((one) => one === word);
  const at = toTime(stamp);
  if (level === undefined || at === undefined) return undefined;
  const part = { number: Number(number), of: Number(of) };
  const record = { level, part, at, verdict: verdict === "damaged" ? "damaged" : "ok" } as const;
  return verdict === "sealed" ? { ...record, isSealed: true } : record;
}

/** Undefined for what is no time. The first keys told it to the second. */
function toTime(stamp: string): string | undefined {
  const at = stamp.padEnd(18, "0").replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})$/, "$1-$2-$3T$4:$5:$6.$7Z");
  return Number.isNaN(Date.parse(at)) ? undefined : at;
}
