import type { z } from "zod";
import type { ExitStatus } from "../errors.ts";
import type { EventError } from "../events.ts";
import type { HookFacts, HookOutcomeState, HookState } from "./hooks.ts";

/** What a hook works with. */
export interface HookContext<Options> {
  /** What the schema gave out, secrets revealed. */
  readonly options: Options;
  readonly facts: HookFacts;
  /** The config's folder, absolute: what paths are relative to. */
  readonly directory: string;
  /** The environment of who started the run. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the time is up, and before the work also when the run is stopped: end what was begun, then throw. */
  readonly signal: AbortSignal;
  /** Tells what the hook prints, as often as it likes: the host masks it and keeps the end of it. */
  say(text: string): void;
}

/** How what the hook runs around has ended, as far as it is known when the hook begins. */
export interface HookOutcome {
  readonly state: HookOutcomeState;
  readonly exitStatus: ExitStatus;
  /** One sentence. */
  readonly summary: string;
  /** The first thing that went wrong. */
  readonly error?: EventError | undefined;
  /** How many collections were to be in it, and are whole. */
  readonly collections: number;
  readonly collectionsComplete: number;
  readonly rows: number;
  readonly bytes: number;
  /** Of a pair's after: how its before ended. */
  readonly before?: HookState | undefined;
}

/** What a hook may answer. */
export interface HookAnswer {
  /** For the hooks that follow in this scope and below it; names are letters, digits and "_". */
  readonly values?: Readonly<Record<string, string>> | undefined;
  /** Of a before: leave out what is below the scope, without an error. */
  readonly skip?: boolean | undefined;
}

/** A hook plugin as the host sees it: making one does nothing. */
export interface HookPlugin {
  readonly kind: "hook";
  readonly apiVersion: 1;
  /** What `use:` says in a policy. */
  readonly name: string;
  readonly options: z.ZodType;
  /** What it throws is a failure of the hook; the host repeats it where the policy says so. */
  before?(context: HookContext<unknown>): Promise<HookAnswer | void>;
  /** Also for finally. */
  after?(context: HookContext<unknown>, outcome: HookOutcome): Promise<HookAnswer | void>;
}

/** What an author writes; Options is what the schema gives out. */
export interface HookDefinition<Options> {
  readonly apiVersion: 1;
  readonly name: string;
  readonly options: z.ZodType<Options>;
  before?(context: HookContext<Options>): Promise<HookAnswer | void>;
  after?(context: HookContext<Options>, outcome: HookOutcome): Promise<HookAnswer | void>;
}
