import { isSameObject } from "./garbage.ts";
import type { Garbage, GarbageCandidate, GarbageKind, GarbageLook } from "./garbage.ts";
import type { StepStatus } from "./events.ts";
import type { Plan } from "./plan.ts";
import { formatBytes, formatPlural } from "./quantities.ts";

export interface GarbageTimes {
  /** By the target's clock, in milliseconds since 1970; NaN where it keeps none: then nothing is ever due. */
  readonly nowMs: number;
  /** How long something must have been nobody's, and unchanged. */
  readonly minAgeMs: number;
}

/** Garbage, and since when it is known to be that. */
interface Known extends Garbage {
  readonly since: string;
}

export interface GarbageDecision {
  /** What goes now. */
  readonly due: readonly Known[];
  /** What goes in a later pass, unless it is somebody's by then. */
  readonly waiting: readonly Known[];
}

/**
 * What of the garbage may go: only what an earlier pass found as well, so long ago, and what has not been changed for as
 * long. A clock that was turned back makes it wait anew.
 */
export function decideGarbage(
  garbage: readonly Garbage[],
  candidates: readonly GarbageCandidate[],
  times: GarbageTimes,
): GarbageDecision {
  const earlier = new Map(candidates.map((one) => [idOf(one), one]));
  const due: Known[] = [];
  const waiting: Known[] = [];
  for (const found of garbage) {
    const since = sinceWhen(found, earlier.get(idOf(found)), times.nowMs);
    const known = { ...found, since: since ?? toTime(times.nowMs) };
    if (since !== undefined && isOld(since, times) && isOld(found.modifiedAt, times)) due.push(known);
    else waiting.push(known);
  }
  return { due, waiting };
}

/** What the next pass has to know of this one, whether what is due goes or not. */
export function toCandidates({ due, waiting }: GarbageDecision): readonly GarbageCandidate[] {
  return [...due, ...waiting].map(({ source, key, upload, bytes, etag, modifiedAt, since }) => ({
    ...(source !== undefined && { source }),
    key,
    ...(upload !== undefined && { upload }),
    bytes,
    ...(etag !== undefined && { etag }),
    ...(modifiedAt !== undefined && { modifiedAt }),
    since,
  }));
}

function idOf({ source, key, upload }: Pick<Garbage, "source" | "key" | "upload">): string {
  return JSON.stringify([source ?? null, key, upload ?? null]);
}

/** Undefined for what no earlier pass knew, knew as another object, or knew at a time that is still to come. */
function sinceWhen(found: Garbage, candidate: GarbageCandidate | undefined, nowMs: number): string | undefined {
  if (candidate === undefined || !isSameObject(found, candidate)) return undefined;
  return Date.parse(candidate.since) <= nowMs ? candidate.since : undefined;
}

function isOld(time: string | undefined, { nowMs, minAgeMs }: GarbageTimes): boolean {
  return time !== undefined && nowMs - Date.parse(time) >= minAgeMs;
}

/** Where nobody can tell the time the pass is none that a later one could count from. */
function toTime(nowMs: number): string {
  return new Date(Number.isNaN(nowMs) ? MAX_TIME_MS : nowMs).toISOString();
}

const MAX_TIME_MS = 8_640_000_000_000_000;

/** The garbage of one place and kind, in short. */
export interface GarbageGroup {
  readonly kind: GarbageKind;
  readonly place: string;
  readonly source?: string | undefined;
  readonly why: string;
  readonly objects: number;
  readonly bytes: number;
  /** due: all of these go now. */
  readonly state: "due" | "waiting";
  /** The newest time since which one of them is known to be nobody's; ISO 8601, UTC. */
  readonly since: string;
}

/** What is to go from a target, and what is left, in short: for plans, events and people. */
export interface GarbageSummary extends Pick<GarbageLook, "unfinished" | "foreign" | "left"> {
  readonly target: string;
  readonly groups: readonly GarbageGroup[];
}

/** What garbage collection came to in one target. */
export interface GarbageOutcome extends GarbageSummary {
  /** Objects and bytes that are gone, those of unfinished deletions not counted. */
  readonly deleted: { readonly objects: number; readonly bytes: number };
}

export function summarizeGarbage(target: string, look: GarbageLook, decision: GarbageDecision): GarbageSummary {
  const { unfinished, foreign, left } = look;
  const groups = [...groupsOf(decision.due, "due"), ...groupsOf(decision.waiting, "waiting")];
  return { target, groups, unfinished, foreign, left };
}

function groupsOf(garbage: readonly Known[], state: GarbageGroup["state"]): readonly GarbageGroup[] {
  const groups = new Map<string, GarbageGroup>();
  for (const { kind, place, source, why, bytes, since } of garbage) {
    const id = JSON.stringify([source ?? null, place, kind]);
    const { objects = 0, bytes: sum = 0, since: newest = since } = groups.get(id) ?? {};
    const amounts = { objects: objects + 1, bytes: sum + bytes, since: since > newest ? since : newest };
    groups.set(id, { kind, place, ...(source !== undefined && { source }), why, ...amounts, state });
  }
  return [...groups.values()];
}

/** The id of the step that deletes the garbage of a place. */
export function garbageStepId({ kind, place, source }: Pick<Garbage, "kind" | "place" | "source">): string {
  return `${kind} ${source === undefined ? "" : `${source}: `}${place}`;
}

/** The deletions that were begun are finished first; then what is due goes, a place after the other. */
export function planGc({ target, groups, unfinished }: GarbageSummary): Plan {
  const due = groups.filter(({ state }) => state === "due");
  return {
    version: 1,
    action: "gc",
    backup: "",
    target,
    steps: [
      ...unfinished.map((backup) => ({
        kind: "delete-backup" as const,
        id: backup,
        why: "its deletion was begun and not finished",
        backup,
      })),
      ...due.map((group) => ({
        kind: "collect-garbage" as const,
        id: garbageStepId(group),
        why: group.why,
        place: group.place,
        ...(group.source !== undefined && { source: group.source }),
        objects: group.objects,
        bytes: group.bytes,
      })),
    ],
    warnings: [],
  };
}

/** Of a run that did nothing else. */
export function formatCollected(
  { target, steps: planned }: Plan,
  {
    garbage,
    steps,
  }: { readonly garbage?: GarbageOutcome | undefined; readonly steps: ReadonlyMap<string, StepStatus> },
): string {
  const { objects, bytes } = garbage?.deleted ?? { objects: 0, bytes: 0 };
  const waiting = (garbage?.groups ?? []).filter(({ state }) => state === "waiting");
  const waits = waiting.reduce((sum, group) => sum + group.objects, 0);
  const finished = planned.filter(({ kind, id }) => kind === "delete-backup" && steps.get(id) === "done").length;
  const parts = [
    `${formatPlural(objects, "object")} of nobody deleted (${formatBytes(bytes)})`,
    ...(finished > 0 ? [`${formatPlural(finished, "interrupted deletion")} finished`] : []),
    ...(waits > 0 ? [`${formatPlural(waits, "object")} noted for a later pass`] : []),
  ];
  return `${target}: ${parts.join(", ")}`;
}
