import { findCronProblem } from "../config/cron.ts";
import { nameSchema } from "../config/schema/words.ts";
import type { KeepConfig } from "../core/contracts/retention.ts";
import { BackupError } from "../core/errors.ts";
import type { CommandDeps } from "./command.ts";

/** What init must know. */
export interface InitAnswers {
  /** `host:port` */
  readonly source: string;
  /** "" for nobody. */
  readonly username: string;
  readonly "source-storage": string;
  readonly target: string;
  readonly policy: string;
  /** As "daily 7, weekly 4", or "all". */
  readonly keep: string;
  /** As cron has it, or "none". */
  readonly schedule: string;
}

interface Question {
  readonly text: string;
  /** What is taken for an empty answer, and where nobody is asked. */
  readonly fallback?: string | undefined;
}

type Flag = keyof InitAnswers;
type Given = { readonly [Name in Flag]?: string | undefined } & { readonly yes?: boolean | undefined };

/** What flags say; the rest is asked for on a terminal. BackupError "usage" that names the flags of what is missing. */
export async function answer(given: Given, deps: CommandDeps): Promise<InitAnswers> {
  const answers = new Map<string, string>();
  const missing: string[] = [];
  const ask = given.yes === true ? undefined : deps.ask;
  for (const [flag, question] of Object.entries(questionsFor(given, deps))) {
    const answered = given[flag as Flag] ?? (await askFor(question, ask)); // the keys of the questions
    if (answered === undefined) missing.push(`--${flag}`);
    else answers.set(flag, answered);
  }
  if (missing.length > 0) {
    throw new BackupError("usage", `Cannot make a config without ${missing.join(", ")}`, {
      hint: "on a terminal init asks for it",
    });
  }
  return checked(Object.fromEntries(answers) as unknown as InitAnswers); // each has an answer
}

function questionsFor({ yes = false }: Given, { env, ask }: CommandDeps): Readonly<Record<Flag, Question>> {
  const isAssumed = yes || ask !== undefined;
  return {
    source: {
      text: "Which Milvus, as host:port?",
      fallback: env["MILVUS_ADDRESS"] ?? (isAssumed ? "localhost:19530" : undefined),
    },
    username: {
      text: "Who logs in there? The password is then looked for in MILVUS_PASSWORD; empty for nobody",
      fallback: env["MILVUS_USERNAME"] ?? env["MILVUS_USER"] ?? "",
    },
    "source-storage": {
      text: "Where does that Milvus keep its segments? Its data directory, or s3://bucket/root-path?endpoint=http://host:9000",
    },
    target: { text: "Where are backups to be kept? A directory such as ./backups, or s3://bucket/prefix?endpoint=…" },
    policy: { text: "What is the policy to be called?", fallback: "nightly" },
    keep: {
      text: `Which backups are to be kept? So many of ${KEEP_RULES.join(", ")}; all for every one`,
      fallback: "daily 7, weekly 4",
    },
    schedule: {
      text: 'When is a backup due, as cron has it, such as "0 2 * * *", by UTC? It is watched by status, and started by cron; none for never',
      fallback: "none",
    },
  };
}

async function askFor({ text, fallback }: Question, ask: CommandDeps["ask"]): Promise<string | undefined> {
  if (ask === undefined) return fallback;
  const shown = fallback === undefined || fallback === "" ? `${text}: ` : `${text} [${fallback}]: `;
  for (;;) {
    const answered = (await ask(shown)).trim() || fallback;
    if (answered !== undefined) return answered;
  }
}

function checked(answers: InitAnswers): InitAnswers {
  const { error } = nameSchema.safeParse(answers.policy);
  if (error !== undefined) {
    const message = `A policy cannot be called ${JSON.stringify(answers.policy)}`;
    throw new BackupError("usage", message, { hint: error.issues.map((issue) => issue.message).join("; ") });
  }
  readKeep(answers.keep);
  readSchedule(answers.schedule);
  const { source } = answers;
  return { ...answers, source: source.includes(":") ? source : `${source}:19530` };
}

const KEEP_RULES = ["last", "hourly", "daily", "weekly", "monthly", "yearly"] as const;

/** "daily 7, weekly 4" as the rules of a policy; undefined for "all". BackupError "usage" for what is neither. */
export function readKeep(text: string): KeepConfig | undefined {
  if (text === "all") return undefined;
  const rules = text.split(",").map((part) => readRule(part.trim()));
  const unknown = rules.includes(undefined) || new Set(rules.map((rule) => rule?.[0])).size < rules.length;
  if (!unknown) return Object.fromEntries(rules.flatMap((rule) => (rule === undefined ? [] : [rule])));
  throw new BackupError("usage", `Cannot keep ${JSON.stringify(text)}`, {
    hint: `say all, or rules as "daily 7, weekly 4"; there are ${KEEP_RULES.join(", ")}`,
  });
}

/** What cron expression; undefined for "none". BackupError "usage" for one that cannot be used. */
export function readSchedule(text: string): string | undefined {
  if (text === "none") return undefined;
  const problem = findCronProblem(text, "UTC");
  if (problem === undefined) return text;
  throw new BackupError("usage", `Cannot use the schedule "${text}": ${problem}`, {
    hint: 'say none, or for every night "0 2 * * *"',
  });
}

function readRule(text: string): readonly [string, number] | undefined {
  const [, rule = "", count = ""] = /^([a-z]+) ([1-9]\d{0,5})$/.exec(text) ?? [];
  return KEEP_RULES.some((known) => known === rule) ? [rule, Number(count)] : undefined;
}
