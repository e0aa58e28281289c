import type { AliasChoice, IndexChoice } from "../core/contracts/library.ts";
import type { Consistency } from "../core/contracts/config.ts";
import type { ConflictPolicy } from "../core/plan.ts";

/** The words that flags and calls of the library choose from; what is taken when nothing is said comes first. */
export const CONSISTENCIES = ["flush", "skip-flush", "meta-only"] as const satisfies readonly Consistency[];
export const CONFLICT_POLICIES = ["fail", "skip", "replace", "append"] as const satisfies readonly ConflictPolicy[];
export const INDEX_CHOICES = ["same", "auto", "none"] as const satisfies readonly IndexChoice[];
export const ALIAS_CHOICES = ["kept", "all", "none"] as const satisfies readonly AliasChoice[];
export const LOG_FORMATS = ["pretty", "json"] as const;
