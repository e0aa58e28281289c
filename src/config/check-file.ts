import type { z } from "zod";
import { explainIssues } from "./explain.ts";
import type { LoadedFile } from "./load-file.ts";
import type { KeyPath, Problem } from "./problem.ts";
import { type Environment, expandVariables } from "./variables.ts";

/** A file against its schema. */
export interface CheckedFile<T> {
  readonly file: LoadedFile;
  /** With variables replaced; undefined when the file could not be read. */
  readonly data: unknown;
  /** Undefined when there are problems. */
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
}

export function checkFile<T>(file: LoadedFile, schema: z.ZodType<T>, env: Environment): CheckedFile<T> {
  const unusable = (problems: readonly Problem[]): CheckedFile<T> => ({
    file,
    data: undefined,
    value: undefined,
    problems,
  });
  if (file.problems.length > 0) return unusable(file.problems);
  if (file.data === undefined || file.data === null) return unusable([file.problemAt([], "it is empty")]);
  const expanded = expandVariables(withoutExtensions(file.data), env);
  const result = schema.safeParse(expanded.data);
  const explained = result.success ? [] : explainIssues(result.error.issues, schema, file.data);
  const problems = [
    ...expanded.problems.map(({ path, message }) => file.problemAt(path, message)),
    ...explained
      .filter(({ path }) => !expanded.problems.some((known) => isWithin(path, known.path))) // would be said twice
      .map(({ path, message, part }) => file.problemAt(path, message, part)),
  ];
  return { file, data: expanded.data, value: problems.length === 0 ? result.data : undefined, problems };
}

/** Top-level keys that start with `x-` are the user's own, to hold YAML anchors. */
function withoutExtensions(data: unknown): unknown {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return data;
  return Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith("x-")));
}

function isWithin(path: KeyPath, outer: KeyPath): boolean {
  return outer.every((key, index) => path[index] === key);
}
