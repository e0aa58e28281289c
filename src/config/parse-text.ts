import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  Parser,
  visit,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { messageOf } from "../core/errors.ts";
import { findLiteralSecrets, holdsSecret } from "./literal-secrets.ts";
import type { KeyPath, Position } from "./problem.ts";

/** What a problem is about: the key itself, or what stands behind it. */
export type Part = "key" | "value";

export interface ParsedText {
  /** Undefined when there are problems. */
  readonly data: unknown;
  /** Where a path is; of a missing one, the innermost part that is there. */
  locate(path: KeyPath, part: Part): Position;
  readonly problems: readonly { readonly message: string; readonly position: Position }[];
}

/** Reads YAML or JSON, with the position of everything in it. */
export function parseText(text: string, format: Format): ParsedText {
  const lineCounter = new LineCounter();
  const { document, data, faults } = parse(text, format, lineCounter);
  const lines = text.split("\n");
  const secrets = findLiteralSecrets(data);
  const positionAt = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    const quoted = lines[line - 1]?.trimEnd() ?? "";
    return { line, column: col, text: holdsSecret(quoted, secrets) ? undefined : quoted };
  };
  return {
    data,
    locate: (path, part) => positionAt(document === undefined ? 0 : findOffset(document, path, part)),
    problems: faults.map(({ message, offset }) => ({ message, position: positionAt(offset) })),
  };
}

type Format = "yaml" | "json";

interface Fault {
  readonly message: string;
  readonly offset: number;
}

interface Parsed {
  readonly document?: Document;
  readonly data?: unknown;
  readonly faults: readonly Fault[];
}

function parse(text: string, format: Format, lineCounter: LineCounter): Parsed {
  if (isTooDeep(text)) {
    lineCounter.addNewLine(0);
    return { faults: [{ message: `this is nested deeper than ${MAX_DEPTH} levels`, offset: 0 }] };
  }
  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false, // takes quadratic time: findOddNodes does it instead
    ...(format === "json" ? { schema: "json" } : { merge: true }),
  });
  const syntax = [...document.errors, ...document.warnings];
  const faults = syntax.length > 0 ? syntax.map(describeSyntax) : findOddNodes(document);
  if (faults.length > 0) return { document, faults };
  try {
    return { document, data: document.toJS(), faults };
  } catch (error) {
    // Too many aliases, a merge of what is no map: always about the text, never with a position.
    return { document, faults: [{ message: lowerFirst(messageOf(error)), offset: 0 }] };
  }
}

/** Deeper nesting exhausts the parser's stack, which can end the whole process. */
const MAX_DEPTH = 100;

function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > 2 * MAX_DEPTH) return true; // a map in a list takes two places
  }
  return false;
}

/** Without what the parser quotes from the file, which may be a secret: the line is shown where it is not. */
function describeSyntax({ code, message, pos }: YAMLError): Fault {
  return { message: rephrase(code, message).replaceAll(/:? "(?:[^"\\]|\\.)*"/g, ""), offset: pos[0] };
}

function rephrase(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "a file holds one document only";
  const isBareWord = code === "TAG_RESOLVE_FAILED" && message.startsWith("Unresolved plain");
  return isBareWord ? "expected JSON, where text stands in double quotes" : lowerFirst(message);
}

function findOddNodes(document: Document): readonly Fault[] {
  const faults: Fault[] = [];
  visit(document, {
    Map: (_, map) => void faults.push(...findOddKeys(map)),
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) {
        faults.push({ message: `there is no anchor &${alias.source} before this`, offset: offsetOf(alias) ?? 0 });
      }
    },
  });
  return faults;
}

function findOddKeys(map: YAMLMap): readonly Fault[] {
  const seen = new Set<string>();
  return map.items.flatMap(({ key }) => {
    const offset = offsetOf(key) ?? offsetOf(map) ?? 0;
    const name = nameOf(key);
    if (name === undefined) return [{ message: "expected a name before the colon", offset }];
    if (name === "__proto__") return [{ message: "the key __proto__ is not allowed", offset }];
    if (seen.has(name)) return [{ message: `the key "${name}" is there twice`, offset }];
    seen.add(name);
    return [];
  });
}

function findOffset(document: Document, path: KeyPath, part: Part): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const [index, key] of path.entries()) {
    const holder: unknown = isAlias(node) ? node.resolve(document) : node;
    const child = findPair({ document, seen: new Set() }, holder, key);
    if (child === undefined) return offsetOf(holder) ?? offset;
    const isKeyWanted = part === "key" && index === path.length - 1;
    offset = (isKeyWanted ? undefined : offsetOf(child.value)) ?? offsetOf(child.key) ?? offset;
    node = child.value;
  }
  return offset;
}

/** A list's item has no key. */
function findChild(holder: unknown, key: PropertyKey): { readonly key?: unknown; readonly value: unknown } | undefined {
  if (isMap(holder)) return holder.items.find((pair) => nameOf(pair.key) === String(key));
  const value = isSeq(holder) && typeof key === "number" ? holder.items[key] : undefined;
  return value === undefined ? undefined : { value };
}

/** A key of the map itself, or one that it has by `<<` from another one. */
function findPair(merging: Merging, holder: unknown, key: PropertyKey): ReturnType<typeof findChild> {
  return findChild(holder, key) ?? findMerged(merging, holder, key);
}

interface Merging {
  readonly document: Document;
  /** A map can merge itself, in a roundabout way. */
  readonly seen: Set<unknown>;
}

function findMerged(merging: Merging, holder: unknown, key: PropertyKey): ReturnType<typeof findChild> {
  if (!isMap(holder) || merging.seen.has(holder)) return undefined;
  merging.seen.add(holder);
  const values = holder.items
    .filter((pair) => isScalar(pair.key) && pair.key.source === "<<")
    .map(({ value }) => value);
  const merged = values.flatMap((value) => (isSeq(value) ? value.items : [value]));
  const maps = merged.map((value) => (isAlias(value) ? value.resolve(merging.document) : value));
  const children = maps.map((map) => findPair(merging, map, key));
  return children.find((child) => child !== undefined);
}

function nameOf(key: unknown): string | undefined {
  return isScalar(key) && key.value !== null ? String(key.value) : undefined;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
