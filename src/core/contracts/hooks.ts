/** What people write of hooks in a policy, and what the tool makes of it. */
import type { CollectionName } from "../collection-name.ts";

/** What a hook runs around: all of a run, a connected source, an opened target, the backup itself, one collection. */
export type HookScope = "run" | "source" | "target" | "action" | "collection";

/** A finally hook runs after the others of its scope and cannot change the result. */
export type HookMoment = "before" | "after" | "finally";

/** What a run of a policy does; `when` names some of it. */
export type HookAction = "backup";

/** How what a hook runs around has ended. */
export type HookOutcomeState = "complete" | "partial" | "failed" | "interrupted" | "skipped";

/**
 * What a hook that failed means. fail: what is below its scope is not done, and the run has failed. warn: it goes on. skip:
 * what is below its scope is left out softly, as when the hook asks for it.
 */
export type HookErrorPolicy = "fail" | "warn" | "skip";

/** What is run: exactly one of command, shell, http and use. */
export interface HookCallConfig {
  /** Program and arguments, run without a shell. */
  readonly command?: readonly string[] | undefined;
  /** A line for /bin/sh. */
  readonly shell?: string | undefined;
  /** A request: `url`, `method`, `headers`, `body`. */
  readonly http?: Readonly<Record<string, unknown>> | undefined;
  /** The name of a hook plugin. */
  readonly use?: string | undefined;
  /** Of `use`: the plugin's own; a Secret may stand for any text. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Of command and shell, relative to the config's folder, which it is when absent. */
  readonly cwd?: string | undefined;
  /** Of command and shell: variables besides the tool's own; a Secret may stand for any of them. */
  readonly env?: Readonly<Record<string, unknown>> | undefined;
}

/** One hook (`on`), or a pair whose after runs if and only if its before has been begun (`around`). */
export interface HookConfig extends HookCallConfig {
  /** What events, reports and plans call it; from its place in the list when absent. */
  readonly name?: string | undefined;
  /** When it is run, of the scope. */
  readonly on?: HookMoment | undefined;
  /** Of `on`: what it is run around; run when absent. */
  readonly scope?: HookScope | undefined;
  /** The scope of a pair: `before` and `after`, or a plugin that has both. */
  readonly around?: HookScope | undefined;
  /** Of a pair. */
  readonly before?: HookCallConfig | undefined;
  /** Of a pair: it runs if and only if its before was begun. */
  readonly after?: HookCallConfig | undefined;
  /** Only around these actions; around all of them when absent. */
  readonly when?: readonly HookAction[] | undefined;
  /** Of after and finally: only when it ended so; always when absent. */
  readonly states?: readonly HookOutcomeState[] | undefined;
  /** Of one attempt, as "30s" or "2m"; 5m when absent. */
  readonly timeout?: string | undefined;
  /** Attempts after the first one; 0 when absent. */
  readonly retries?: number | undefined;
  /** Between two attempts; 1s when absent. */
  readonly retryDelay?: string | undefined;
  /** What a failure means; fail when absent. */
  readonly onError?: HookErrorPolicy | undefined;
}

/** A plugin and its options, secrets still references. */
export interface HookCall {
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A hook, resolved. One that has a before and an after is a pair. */
export interface Hook {
  /** Unique within the policy. */
  readonly name: string;
  readonly scope: HookScope;
  readonly before?: HookCall | undefined;
  readonly after?: HookCall | undefined;
  readonly finally?: HookCall | undefined;
  readonly when?: readonly HookAction[] | undefined;
  readonly states?: readonly HookOutcomeState[] | undefined;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly onError: HookErrorPolicy;
}

/** What a hook has been told to leave out, or how it ended. */
export type HookState = "done" | "skipped" | "failed";

/** What a hook is told of where it runs: plain data, the same for every plugin. */
export interface HookFacts {
  readonly version: 1;
  readonly hook: string;
  readonly scope: HookScope;
  readonly on: HookMoment;
  /** From 1. */
  readonly attempt: number;
  readonly runId: string;
  readonly action: HookAction;
  readonly policy?: string | undefined;
  readonly backup: string;
  readonly source: string;
  readonly target: string;
  /** In the scope collection. */
  readonly collection?: CollectionName | undefined;
  /** What earlier hooks gave for later ones. */
  readonly values: Readonly<Record<string, string>>;
}
