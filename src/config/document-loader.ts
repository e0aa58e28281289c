import { relative } from "node:path";
import { type Document, type Layers, withoutKey } from "./document.ts";
import { explainIssues } from "./explain.ts";
import { findBase } from "./find-base.ts";
import type { LoadedFile } from "./load-file.ts";
import { valueAt } from "./map-data.ts";
import type { KeyPath, Problem } from "./problem.ts";
import { extendsSchema } from "./schema/extends.ts";
import { type Environment, expandVariables } from "./variables.ts";

/** Reads each file once, however many extend it. */
export interface DocumentLoader {
  file(path: string): Promise<Layers>;
  /** Of a part of a file that extends something itself. */
  part(document: Document): Promise<Layers>;
}

export interface DocumentSources {
  /** The config's folder: files are named from here. */
  readonly directory: string;
  readonly env: Environment;
  load(path: string): Promise<LoadedFile>;
}

export function createDocumentLoader(sources: DocumentSources): DocumentLoader {
  const loaded = new Map<string, Layers>();
  const layersOfFile = async (path: string, trail: readonly string[]): Promise<Layers> => {
    const layers = loaded.get(path) ?? (await layersOf(await sources.load(path), [...trail, path]));
    loaded.set(path, layers);
    return layers;
  };
  const layersOf = async (document: Document, trail: readonly string[]): Promise<Layers> => {
    const { bases, problems } = await findBases(document, sources);
    const below: Document[] = [];
    for (const { base, path } of bases) {
      if (trail.includes(base)) problems.push(document.problemAt(path, describeCycle([...trail, base], sources)));
      else below.push(...(await layersOfFile(base, trail)));
    }
    const top = withoutKey(document, "extends");
    return [...onceEach(below), { ...top, problems: [...top.problems, ...problems] }];
  };
  return { file: (path) => layersOfFile(path, []), part: (document) => layersOf(document, []) };
}

interface Bases {
  readonly bases: readonly { readonly base: string; readonly path: KeyPath }[];
  readonly problems: Problem[];
}

/** The files that a document names under `extends`. */
async function findBases(document: Document, { env }: DocumentSources): Promise<Bases> {
  const at = ["extends"];
  const written = valueAt(document.data, at);
  const from = document.originOf(at)?.file;
  if (written === undefined || from === undefined) return { bases: [], problems: [] };
  const { data, faults } = expandVariables(written, env);
  const parsed = extendsSchema.safeParse(data);
  const issues = parsed.success ? [] : explainIssues(parsed.error.issues, extendsSchema, written);
  const problems = [...faults, ...issues].map(({ path, message }) => document.problemAt([...at, ...path], message));
  if (!parsed.success || problems.length > 0) return { bases: [], problems };
  const bases: { base: string; path: KeyPath }[] = [];
  for (const [index, name] of [parsed.data].flat().entries()) {
    const path = typeof written === "string" ? at : [...at, index];
    const base = await findBase(name, from);
    if (typeof base === "string") bases.push({ base, path });
    else problems.push(document.problemAt(path, base.fault));
  }
  return { bases, problems };
}

/** A file that several extend is laid down where the last one of them wants it: it would cover its first place anyway. */
function onceEach(documents: readonly Document[]): readonly Document[] {
  return documents.filter((document, index) => documents.lastIndexOf(document) === index);
}

function describeCycle(trail: readonly string[], { directory }: DocumentSources): string {
  return `this extends itself: ${trail.map((path) => relative(directory, path)).join(" → ")}`;
}
