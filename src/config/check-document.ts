import type { z } from "zod";
import { type Document, isWithin } from "./document.ts";
import { explainIssues } from "./explain.ts";
import type { Problem } from "./problem.ts";
import { type Environment, expandVariables } from "./variables.ts";

/** A document against its schema. */
export interface CheckedDocument<T> {
  readonly document: Document;
  /** With variables replaced; undefined when it could not be read. */
  readonly data: unknown;
  /** Undefined when there are problems. */
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
}

export function checkDocument<T>(document: Document, schema: z.ZodType<T>, env: Environment): CheckedDocument<T> {
  const { data: written } = document;
  if (written === undefined) return { document, data: undefined, value: undefined, problems: document.problems };
  const { data, faults } = expandVariables(written, env);
  const unread = [...document.problems, ...faults.map(({ path, message }) => document.problemAt(path, message))];
  const result = schema.safeParse(data);
  const explained = result.success ? [] : explainIssues(result.error.issues, schema, written);
  const wrong = explained
    .map(({ path, message, part }) => document.problemAt(path, message, part))
    .filter((problem) => !unread.some(({ file, path }) => file === problem.file && isWithin(problem.path, path))); // would be said twice
  const problems = [...unread, ...wrong];
  return { document, data, value: problems.length === 0 ? result.data : undefined, problems };
}
