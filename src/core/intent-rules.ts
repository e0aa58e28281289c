/** What the Milvus of one source says of the databases that a dead drill's intent names. */
export interface IntentAnswer {
  readonly source: string;
  /** Those that are there. */
  readonly found: readonly string[];
  /** Why nobody can tell. */
  readonly untold?: string | undefined;
}

export interface DeadIntent {
  readonly address: string;
  readonly databases: readonly string[];
  /** Since it was written; undefined where nobody can tell. */
  readonly ageMs: number | undefined;
}

/** over: once the databases that were found are dropped, nobody needs the intent any more. */
export interface IntentVerdict {
  readonly kind: "over" | "left";
  readonly why: string;
}

/**
 * After so many days an intent of which nothing is found is that of a drill which died before it had made anything. Until
 * then it may be another host's: `localhost:19530` is a Milvus of each. A month has time for that one's own gc or drill,
 * also where either runs once a week.
 */
const FORGOTTEN_AFTER_DAYS = 30;
const DAY_MS = 86_400_000;

/** What is to become of the intent of a drill that died, by the answers of those that go by its address. */
export function judgeIntent(intent: DeadIntent, answers: readonly IntentAnswer[]): IntentVerdict {
  const { address, ageMs = 0 } = intent;
  const names = intent.databases.join(", ");
  const made = answers.filter(({ found }) => found.length > 0);
  if (made.length > 0) {
    const what = made.map(({ source, found }) => `what it made in ${source} is dropped, ${found.join(", ")}`);
    return { kind: "over", why: `a drill has died: ${what.join("; ")}` };
  }
  if (answers.length === 0) {
    const why = `a drill has died: the next one into ${address} drops ${names}, and so does gc with --source ${address} and its --source-storage`;
    return { kind: "left", why };
  }
  const silent = answers.find(({ untold }) => untold !== undefined);
  if (silent !== undefined) {
    const why = `a drill has died: ${silent.source} cannot be asked whether it has ${names}: ${silent.untold}`;
    return { kind: "left", why };
  }
  const sources = answers.map(({ source }) => source).join(", ");
  if (ageMs >= FORGOTTEN_AFTER_DAYS * DAY_MS) {
    const why = `a drill has died more than ${FORGOTTEN_AFTER_DAYS} days ago, and ${sources} has nothing that it names`;
    return { kind: "over", why };
  }
  const why = `a drill has died, and what it names is not in this Milvus: ${sources} has no ${names}, another one at ${address} may`;
  return { kind: "left", why };
}
