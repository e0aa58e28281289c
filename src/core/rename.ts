import { type CollectionName, formatName } from "./collection-name.ts";
import { didYouMean } from "./nearest.ts";
import { DEFAULT_DATABASE } from "./select.ts";

export interface RenameRequest {
  /** Put after the name of every collection that no collection rename names. */
  readonly suffix?: string | undefined;
  /** `db1.c1:db2.c2`, `c1:c2` (of the default database) or `db1.*:db2.*`, also several joined by commas. */
  readonly renames?: readonly string[] | undefined;
}

export interface Renaming {
  readonly from: CollectionName;
  readonly to: CollectionName;
}

export interface RenamePlan {
  /** One for each collection, in their order. */
  readonly targets: readonly Renaming[];
  /** Why the request cannot be carried out, a sentence each: nothing may happen while there is one. */
  readonly problems: readonly string[];
}

/**
 * The names that collections are restored under. A rename of the collection wins; else a rename of its database and the
 * suffix both apply, as they do in the Go tool v0.4.15.
 */
export function planRenames(collections: readonly CollectionName[], request: RenameRequest): RenamePlan {
  const { rules, problems } = parseRules(request.renames ?? []);
  const suffix = request.suffix ?? "";
  const targets = collections.map((from) => ({ from, to: targetOf(from, rules, suffix) }));
  const suffixProblem = `The suffix "${suffix}" holds more than letters, digits and _`;
  return {
    targets,
    problems: [
      ...problems,
      ...(/^\w*$/.test(suffix) ? [] : [suffixProblem]),
      ...findUnknown(rules, collections),
      ...findConflicts(targets),
      ...findOverlong(targets),
    ],
  };
}

/** Milvus's limit on the length of a name, unless its configuration says otherwise. */
const MAX_NAME_LENGTH = 255;

/** The name in a rule for all collections of a database. */
const ALL = "*";

/** Targets by the source's `database.name`. */
type Rules = ReadonlyMap<string, CollectionName>;

function parseRules(renames: readonly string[]): { readonly rules: Rules; readonly problems: readonly string[] } {
  const rules = new Map<string, CollectionName>();
  const problems: string[] = [];
  for (const text of renames.flatMap((list) => list.split(","))) {
    const rule = parseRule(text.trim());
    if (typeof rule === "string") problems.push(rule);
    else if (rules.has(formatName(rule.from))) problems.push(`${formatName(rule.from)} is renamed twice`);
    else rules.set(formatName(rule.from), rule.to);
  }
  return { rules, problems };
}

/** A rule, or what is wrong with it. Both sides have one form: what moves databases unasked is hard to find again. */
function parseRule(text: string): Renaming | string {
  const [from, to, ...rest] = text.split(":").map(parseSide);
  if (from === undefined || to === undefined || rest.length > 0 || from.form !== to.form) {
    return `The rename "${text}" is none of db1.c1:db2.c2, c1:c2 and db1.*:db2.*`;
  }
  if (![to.database, to.name].every((name) => name === ALL || /^[A-Za-z_]\w*$/.test(name))) {
    return `The rename "${text}" makes a name that Milvus refuses: it wants a letter or _, then letters, digits and _`;
  }
  return { from, to: { database: to.database, name: to.name } };
}

function parseSide(text: string): (CollectionName & { readonly form: "short" | "full" | "database" }) | undefined {
  const [first = "", second, ...rest] = text.split(".");
  if (rest.length > 0 || first === "" || first.includes("*") || second === "") return undefined;
  if (second === undefined) return { form: "short", database: DEFAULT_DATABASE, name: first };
  if (second === ALL) return { form: "database", database: first, name: ALL };
  return second.includes("*") ? undefined : { form: "full", database: first, name: second };
}

function targetOf(from: CollectionName, rules: Rules, suffix: string): CollectionName {
  const own = rules.get(formatName(from));
  if (own !== undefined) return own;
  const moved = rules.get(formatName({ database: from.database, name: ALL }));
  return { database: moved?.database ?? from.database, name: from.name + suffix };
}

function findUnknown(rules: Rules, collections: readonly CollectionName[]): readonly string[] {
  const known = new Set(collections.flatMap((name) => [formatName(name), formatName({ ...name, name: ALL })]));
  const unknown = [...rules.keys()].filter((from) => !known.has(from));
  return unknown.map((from) => `There is no ${from} to rename${didYouMean(from, known)}`);
}

function findConflicts(targets: readonly Renaming[]): readonly string[] {
  const sources = new Map<string, string[]>();
  for (const { from, to } of targets) {
    const others = sources.get(formatName(to));
    if (others === undefined) sources.set(formatName(to), [formatName(from)]);
    else others.push(formatName(from));
  }
  return [...sources].flatMap(([to, from]) =>
    from.length === 1 ? [] : [`${from.join(" and ")} would be restored as one ${to}`],
  );
}

function findOverlong(targets: readonly Renaming[]): readonly string[] {
  return targets.flatMap(({ from, to }) => {
    if (formatName(from) === formatName(to) || Math.max(to.name.length, to.database.length) <= MAX_NAME_LENGTH)
      return [];
    return [`${formatName(from)} would get a name of more than ${MAX_NAME_LENGTH} characters`];
  });
}
