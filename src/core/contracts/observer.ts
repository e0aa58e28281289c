import type { z } from "zod";
import type { BackupEvent } from "../events.ts";
import type { Plan } from "../plan.ts";
import type { RunReport } from "../report.ts";

/** What an observer works with. */
export interface ObserverContext<Options> {
  /** What the schema gave out, secrets revealed. */
  readonly options: Options;
  /** The config's folder, absolute. */
  readonly directory: string;
  /** Aborts when the host no longer waits. */
  readonly signal: AbortSignal;
}

/**
 * What an observer is told, one call after another. It cannot change the outcome: what it throws is a warning, and it is
 * told nothing more of that run.
 */
export interface ObserverHandlers<Options> {
  planned?(plan: Plan, context: ObserverContext<Options>): Promise<void> | void;
  event?(event: BackupEvent, context: ObserverContext<Options>): Promise<void> | void;
  finished?(report: RunReport, context: ObserverContext<Options>): Promise<void> | void;
}

/** An observer as the host sees it. */
export interface ObserverPlugin {
  readonly kind: "observer";
  readonly apiVersion: 1;
  readonly name: string;
  readonly options: z.ZodType;
  readonly on: ObserverHandlers<unknown>;
}

/** What an author writes; without a schema the observer takes no options. */
export interface ObserverDefinition<Options> {
  readonly apiVersion: 1;
  readonly name: string;
  readonly options?: z.ZodType<Options> | undefined;
  readonly on: ObserverHandlers<Options>;
}
