import { relative } from "node:path";
import { BackupError } from "../core/errors.ts";

export type KeyPath = readonly PropertyKey[];

/** A place in a text file, counted from 1. */
export interface Position {
  readonly line: number;
  /** Absent when only the line is known. */
  readonly column?: number | undefined;
  /** The whole line; absent when it is not at hand or holds a secret. */
  readonly text?: string | undefined;
}

/** Something that is wrong in a file. */
export interface Problem {
  /** Absolute. */
  readonly file: string;
  readonly path: KeyPath;
  /** What is wrong and what was expected, without a secret. */
  readonly message: string;
  /** Looked up only when the problem is shown. */
  locate?(): Position | undefined;
}

/** So many are shown: a file of another kind has thousands. */
const MAX_SHOWN = 50;

/** One error for all problems, each with its place. */
export function invalidConfig(found: readonly Problem[], cwd: string): BackupError {
  const problems = distinct(found);
  const files = new Map(problems.map(({ file }, index) => [file, index]));
  const shown = problems
    .slice(0, MAX_SHOWN)
    .map((problem) => ({ problem, position: problem.locate?.(), rank: files.get(problem.file) ?? 0 }))
    .toSorted((a, b) => a.rank - b.rank || comparePositions(a.position, b.position));
  const lines = shown.map(({ problem, position }) => formatProblem(problem, position, cwd));
  const rest = problems.length - shown.length;
  if (rest > 0) lines.push(`… and ${rest} more`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new BackupError("invalid", `Cannot use the configuration: ${count}\n${lines.join("\n")}`, {
    facts: {
      problems: shown.map(({ problem: { file, path, message }, position }) => ({
        file,
        path: formatPath(path),
        ...(position && { line: position.line }),
        ...(position?.column && { column: position.column }),
        message,
      })),
    },
  });
}

/** What several policies inherit is wrong once. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const byText = new Map(problems.map((one) => [JSON.stringify([one.file, one.path.map(String), one.message]), one]));
  return [...byText.values()];
}

/** `sources.prod.auth`, `targets[0].storage`. */
export function formatPath(path: KeyPath): string {
  const parts = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return parts.join("").replace(/^\./, "");
}

function formatProblem({ file, path, message }: Problem, position: Position | undefined, cwd: string): string {
  const name = relative(cwd, file) || file;
  if (position !== undefined) {
    const place = [name, position.line, position.column].filter((part) => part !== undefined);
    return `${place.join(":")}: ${message}${quoteLine(position)}`;
  }
  return [name, formatPath(path), message].filter((part) => part !== "").join(": ");
}

function comparePositions(a: Position | undefined, b: Position | undefined): number {
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

const MAX_LINE = 120;

/** The line and a caret below it; of a long line only what is around the caret. */
function quoteLine({ text, column = 1 }: Position): string {
  if (text === undefined || text === "") return "";
  const start = column <= MAX_LINE ? 0 : column - MAX_LINE / 2;
  const before = text.slice(start, column - 1).replaceAll(/[^\t]/g, " ");
  return `\n    ${text.slice(start, start + MAX_LINE)}\n    ${before}^`;
}
