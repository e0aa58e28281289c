/** What a field holds if not messages. "map" is string to string, "strings" and "int64s" are lists, int32 is for enums too. */
export type Leaf = "string" | "bool" | "int32" | "int64" | "uint64" | "strings" | "int64s" | "map";

/**
 * When a field is there. optional: absent when zero, in our objects as in JSON. required: our objects have its zero
 * value, JSON has not. always: JSON has its zero value too.
 */
type Presence = "optional" | "required" | "always";

export type Field =
  | { readonly kind: Leaf; readonly presence: Presence }
  | { readonly kind: "message" | "list"; readonly presence: Presence; readonly message: Shape };

export interface Shape {
  /** In the order of the Go struct, which is that of the keys in JSON. */
  readonly fields: ReadonlyMap<string, Field>;
  /** The fields' names by their names in lower case, as the Go reader matches keys. */
  readonly names: ReadonlyMap<string, string>;
}

/** One of the Go tool's structs as data; T is what our objects of it are. */
export interface Message<T> extends Shape {
  /** Never set: it carries T. */
  readonly type?: T;
}

/** Checks by the compiler that a table has all of T's keys, no other, each with the right kind. */
export type Table<T> = {
  readonly [K in keyof T]-?: FieldOf<
    Exclude<T[K], undefined>,
    Partial<Pick<T, K>> extends Pick<T, K> ? "optional" : "required" | "always"
  >;
};

type FieldOf<V, P extends Presence> = [KindOf<V>] extends [never]
  ? NestedOf<V, P>
  : { readonly kind: KindOf<V>; readonly presence: P };

type NestedOf<V, P extends Presence> = V extends readonly (infer E)[]
  ? { readonly kind: "list"; readonly presence: P; readonly message: Message<E> }
  : { readonly kind: "message"; readonly presence: P; readonly message: Message<V> };

type KindOf<V> = V extends string
  ? "string"
  : V extends boolean
    ? "bool"
    : V extends number
      ? "int32"
      : V extends bigint
        ? "int64" | "uint64"
        : V extends readonly string[]
          ? "strings"
          : V extends readonly bigint[]
            ? "int64s"
            : V extends Readonly<Record<string, string>>
              ? "map"
              : never;

export function message<T extends object>(table: NoInfer<Table<T>>): Message<T> {
  const fields = new Map<string, Field>(Object.entries(table));
  return { fields, names: new Map([...fields.keys()].map((name) => [name.toLowerCase(), name])) };
}

/** What Go leaves out of JSON: a message that is there, even an empty one, is not zero. */
export function isZero({ kind }: Field, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === "object" && value !== null) return kind === "map" && Object.keys(value).length === 0;
  return value === undefined || value === "" || value === 0n || value === 0 || value === false;
}

/** The words that tables are written in: `optional.int64`, `always.bool`, `optional.list(SEGMENT)`. */
export type Fields<P extends Presence> = { readonly [K in Leaf]: { readonly kind: K; readonly presence: P } } & {
  message<T>(of: Message<T>): { readonly kind: "message"; readonly presence: P; readonly message: Message<T> };
  list<T>(of: Message<T>): { readonly kind: "list"; readonly presence: P; readonly message: Message<T> };
};

export const optional: Fields<"optional"> = fieldsOf("optional");
export const required: Fields<"required"> = fieldsOf("required");
export const always: Fields<"always"> = fieldsOf("always");

function fieldsOf<P extends Presence>(presence: P): Fields<P> {
  return {
    string: { kind: "string", presence },
    bool: { kind: "bool", presence },
    int32: { kind: "int32", presence },
    int64: { kind: "int64", presence },
    uint64: { kind: "uint64", presence },
    strings: { kind: "strings", presence },
    int64s: { kind: "int64s", presence },
    map: { kind: "map", presence },
    message: (of) => ({ kind: "message", presence, message: of }),
    list: (of) => ({ kind: "list", presence, message: of }),
  };
}
