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
  const rules = (request.renames ?? []).flatMap((text) => text.split(",")).map((text) => parseRule(text.trim()));
  const known = rules.filter((rule) => rule.kind !== "invalid");
  const suffix = request.suffix ?? "";
  const targets = collections.map((from) => ({ from, to: targetOf(from, known, suffix) }));
  return {
    targets,
    problems: [
      ...rules.flatMap((rule) => (rule.kind === "invalid" ? [rule.problem] : [])),
      ...(/^\w*$/.test(suffix) ? [] : [`The suffix "${suffix}" holds more than letters, digits and _`]),
      ...repeatedRules(known),
      ...unknownSources(known, collections),
      ...conflicts(targets),
      ...targets.flatMap(({ from, to }) => overlong(from, to)),
    ],
  };
}

/** Milvus's default limit on the length of a name. */
const MAX_NAME_LENGTH = 255;

interface Rule {
  readonly kind: "collection" | "database";
  readonly from: CollectionName;
  readonly to: CollectionName;
}

/** Both sides must be of one form: a name moved by accident to the default database is hard to find again. */
function parseRule(text: string): Rule | { readonly kind: "invalid"; readonly problem: string } {
  const [from, to, ...rest] = text.split(":").map(parseSide);
  if (from === undefined || to === undefined || rest.length > 0 || from.form !== to.form) {
    const forms = "db1.c1:db2.c2, c1:c2 or db1.*:db2.*";
    return { kind: "invalid", problem: `The rename "${text}" is none of ${forms}` };
  }
  if (![to.database, to.name].every((name) => name === "*" || /^[A-Za-z_]\w*$/.test(name))) {
    const rule = "a letter or _, then letters, digits and _";
    return { kind: "invalid", problem: `The rename "${text}" makes a name that Milvus refuses: it wants ${rule}` };
  }
  return { kind: from.form === "database" ? "database" : "collection", from, to };
}

function parseSide(text: string): (CollectionName & { readonly form: "short" | "full" | "database" }) | undefined {
  const [first = "", second, ...rest] = text.split(".");
  if (rest.length > 0 || first === "" || first.includes("*") || second === "") return undefined;
  if (second === undefined) return { form: "short", database: DEFAULT_DATABASE, name: first };
  if (second === "*") return { form: "database", database: first, name: second };
  return second.includes("*") ? undefined : { form: "full", database: first, name: second };
}

function targetOf(from: CollectionName, rules: readonly Rule[], suffix: string): CollectionName {
  const own = rules.find((rule) => rule.kind === "collection" && formatName(rule.from) === formatName(from));
  if (own !== undefined) return { database: own.to.database, name: own.to.name };
  const moved = rules.find((rule) => rule.kind === "database" && rule.from.database === from.database);
  return { database: moved?.to.database ?? from.database, name: from.name + suffix };
}
