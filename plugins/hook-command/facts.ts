import type { HookFacts, HookOutcome } from "../../src/plugin.ts";

type Variables = Readonly<Record<string, string>>;

/** What a command is told, as variables; what is not known is not set. */
export function toVariables(facts: HookFacts, outcome: HookOutcome | undefined): Variables {
  const { collection, values } = facts;
  const told = {
    HOOK: facts.hook,
    SCOPE: facts.scope,
    ON: facts.on,
    ATTEMPT: facts.attempt,
    RUN_ID: facts.runId,
    ACTION: facts.action,
    POLICY: facts.policy,
    BACKUP: facts.backup,
    SOURCE: facts.source,
    TARGET: facts.target,
    COLLECTION: collection && `${collection.database}.${collection.name}`,
    ...(outcome && outcomeOf(outcome)),
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`VALUE_${name}`, value])),
  };
  const known = Object.entries(told).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [`MILVUS_BACKUP_${name}`, clean(String(value))]));
}

function outcomeOf(outcome: HookOutcome): Readonly<Record<string, string | number | undefined>> {
  return {
    STATE: outcome.state,
    EXIT_STATUS: outcome.exitStatus,
    SUMMARY: outcome.summary,
    ERROR: outcome.error?.message,
    ERROR_CODE: outcome.error?.code,
    COLLECTIONS: outcome.collections,
    COLLECTIONS_COMPLETE: outcome.collectionsComplete,
    ROWS: outcome.rows,
    BYTES: outcome.bytes,
    BEFORE: outcome.before,
  };
}

/** One variable may have 128 KiB on Linux: the whole of it is in the JSON. */
const MAX_CHARACTERS = 32 * 1024;

/** The system refuses a variable with a zero byte. */
function clean(value: string): string {
  return value.replaceAll("\0", "").slice(0, MAX_CHARACTERS);
}
