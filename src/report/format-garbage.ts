import type { GarbageSummary } from "../core/gc-plan.ts";
import { formatBytes, formatCount } from "../core/quantities.ts";
import { formatTable } from "./table.ts";

/** As many as a person reads; --json has them all. */
const NAMES_SHOWN = 10;

/** What is nobody's in a target, what goes and when, and what is left alone, for people. */
export function formatGarbage(summary: GarbageSummary): string {
  const { target, groups, unfinished, foreign, left } = summary;
  const right = { align: "right" } as const;
  const rows = [
    ...unfinished.map((name) => ["goes now", "", "", `${name}/`, "its deletion was begun and not finished"]),
    ...groups.map(({ state, objects, bytes, source, place, why }) => [
      state === "due" ? "goes now" : "waits",
      formatCount(objects),
      formatBytes(bytes),
      source === undefined ? place : `${source}: ${place}`,
      why,
    ]),
  ];
  const columns = [
    { title: "WHEN" },
    { title: "OBJECTS", ...right },
    { title: "BYTES", ...right },
    { title: "WHERE" },
    { title: "WHY" },
  ];
  return [
    rows.length === 0 ? `${target}: nothing is nobody's` : `${target}\n${formatTable(columns, rows)}`,
    ...left.slice(0, NAMES_SHOWN).map(({ place, why }) => `left alone: ${place}: ${why}`),
    ...more(left.length),
    ...(foreign.length === 0
      ? []
      : [`not ours, and not touched (${formatCount(foreign.length)}): ${foreign.slice(0, NAMES_SHOWN).join(", ")}`]),
    ...more(foreign.length),
  ].join("\n");
}

function more(count: number): readonly string[] {
  return count <= NAMES_SHOWN ? [] : [`  and ${formatCount(count - NAMES_SHOWN)} more, which --json lists`];
}
