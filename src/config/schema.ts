import { z } from "zod";
import type {
  Config,
  Consistency,
  Limits,
  LimitsConfig,
  PolicyConfig,
  Secret,
  Selection,
  SourceConfig,
  StorageConfig,
  Target,
} from "../core/contracts/config.ts";
import { checkPattern } from "../core/select.ts";

/** A config with its defaults. */
export interface ParsedConfig {
  readonly version: 1;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly storages: Readonly<Record<string, StorageConfig>>;
  readonly policiesDir: string;
  readonly policies: Readonly<Record<string, ParsedPolicy>>;
  readonly limits: Limits;
}

/** A policy with its defaults. */
export interface ParsedPolicy {
  readonly source: string;
  readonly targets: readonly Target[];
  readonly select: Selection;
  readonly consistency: Consistency;
  readonly limits: LimitsConfig;
}

type Plain<T> = T extends readonly (infer E)[]
  ? Plain<E>[]
  : T extends object
    ? { -readonly [K in keyof T]: Plain<T[K]> }
    : T;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** The schema itself where its types are exactly these, else what differs: the compiler then refuses the assignment. */
type Same<S extends z.ZodType, Output, Input> =
  Equal<Plain<z.output<S>>, Plain<Output>> extends true
    ? Equal<Plain<z.input<S>>, Plain<Input>> extends true
      ? S
      : ["input differs", z.input<S>]
    : ["output differs", z.output<S>];

/** What is said where a secret stands in plain text. */
export const BY_REFERENCE =
  'a secret is only given by reference: { env: "NAME" }, { file: "path" } or { command: ["program", "argument"] }';

const text = z.string().min(1, "expected text that is not empty");

const name = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, {
  error: "expected a name: letters, digits, _, - and ., not starting with - or .",
});
/** What sources, storages and policies can be called. */
export const nameSchema: z.ZodType<string, string> = name;

const prefix = z.string().refine(isPrefix, {
  error: "expected a prefix without slashes at its ends and without empty, . and .. parts",
});

const address = z.string().regex(/^(?:https?:\/\/)?(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?\/?$/, {
  error: 'expected host:port, such as "localhost:19530", or a URL without a password',
});

const pattern = z.string().superRefine((value, context) => {
  const problem = checkPattern(value);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

const secret = z.union(
  [z.strictObject({ env: text }), z.strictObject({ file: text }), z.strictObject({ command: z.array(text).min(1) })],
  { error: ({ input }) => (typeof input === "string" ? BY_REFERENCE : undefined) },
);
export const secretSchema: z.ZodType<Secret, Secret> = secret satisfies Same<typeof secret, Secret, Secret>;

const source = z.strictObject({
  address,
  auth: z.union([z.strictObject({ username: text, password: secret }), z.strictObject({ token: secret })]).optional(),
  tls: z
    .strictObject({
      ca: text.optional(),
      cert: text.optional(),
      key: text.optional(),
      serverName: text.optional(),
      skipVerify: z.boolean().optional(),
    })
    .refine(({ cert, key }) => (cert === undefined) === (key === undefined), "expected cert and key together")
    .optional(),
  storage: text,
});

const storage = z.looseObject({
  type: text,
  prefix: prefix.optional(),
  readableByMilvus: z.union([z.boolean(), text]).optional(),
});

const count = z
  .number()
  .int("expected a whole number")
  .min(1, "expected at least 1")
  .max(1024, "expected at most 1024");

const policy = z.strictObject({
  source: text,
  targets: z
    .array(z.strictObject({ storage: text, prefix: prefix.default("") }))
    .min(1, 'expected a target: { storage: "name" }')
    .max(1, "this version writes one target a policy; further targets come in a later one"),
  select: z
    .strictObject({
      include: z.array(pattern).min(1, "expected a pattern, or no include at all").default(["*.*"]),
      exclude: z.array(pattern).default([]),
    })
    .prefault({}),
  consistency: z.enum(["flush", "skip-flush", "meta-only"]).default("flush"),
  limits: z
    .strictObject({ collections: count.optional(), objects: count.optional(), imports: count.optional() })
    .default({}),
});
export const policySchema: z.ZodType<ParsedPolicy, PolicyConfig> = policy satisfies Same<
  typeof policy,
  ParsedPolicy,
  PolicyConfig
>;

const config = z.strictObject({
  version: z.literal(1),
  sources: z.record(name, source),
  storages: z.record(name, storage),
  policiesDir: text.default("policies"),
  policies: z.record(name, policy).default({}),
  limits: z
    .strictObject({ collections: count.default(4), objects: count.default(64), imports: count.default(8) })
    .prefault({}),
});
export const configSchema: z.ZodType<ParsedConfig, Config> = config satisfies Same<typeof config, ParsedConfig, Config>;

function isPrefix(value: string): boolean {
  return value === "" || value.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
