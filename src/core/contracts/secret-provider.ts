import type { z } from "zod";
import type { Call } from "./storage.ts";

/** What a secret provider works with besides its options. */
export interface SecretCall extends Call {
  /** Aborts when the host no longer waits: the run was stopped, or 30 seconds are over. */
  readonly signal: AbortSignal;
  /** The config's folder, absolute: what paths are relative to. */
  readonly directory: string;
  /** The environment of who started the run. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A secret provider as the host sees it: making one does nothing. */
export interface SecretProviderPlugin {
  readonly kind: "secret-provider";
  readonly apiVersion: 1;
  /** What `provider:` says in a secret. */
  readonly name: string;
  /** Of all that stands beside `provider`. */
  readonly options: z.ZodType;
  /**
   * Gives the secret, which is not empty; it is asked when the secret is needed, and the answer is remembered for equal
   * options. What it throws is shown, without the secrets that are known by then: it must not hold the one asked for.
   */
  reveal(options: unknown, call: SecretCall): Promise<string>;
}

/** What an author writes; Options is what the schema gives out, secrets in them revealed. */
export interface SecretProviderDefinition<Options> {
  readonly apiVersion: 1;
  readonly name: string;
  readonly options: z.ZodType<Options>;
  reveal(options: Options, call: SecretCall): Promise<string>;
}
