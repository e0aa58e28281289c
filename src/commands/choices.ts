import type { AliasChoice, IndexChoice } from "../core/contracts/library.ts";
import type { Consistency, GcMode } from "../core/contracts/policy.ts";
import type { ConflictPolicy } from "../core/plan.ts";

/** The words that flags and calls of the library choose from; where one is taken when nothing is said, it comes first. */
export const CONSISTENCIES: readonly Consistency[] = ["flush", "skip-flush", "meta-only"];
export const GC_MODES: readonly GcMode[] = ["require", "prefer", "off"];
export const CONFLICT_POLICIES: readonly ConflictPolicy[] = ["fail", "skip", "replace", "append"];
export const INDEX_CHOICES: readonly IndexChoice[] = ["same", "auto", "none"];
export const ALIAS_CHOICES: readonly AliasChoice[] = ["kept", "all", "none"];
