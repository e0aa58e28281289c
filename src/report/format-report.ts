import { formatName } from "../core/collection-name.ts";
import type { CollectionOutcome } from "../core/events.ts";
import { formatBytes, formatCount, formatDuration } from "../core/quantities.ts";
import type { RunReport } from "../core/report.ts";
import { formatTable } from "./table.ts";

/** A run's report for people: a line per collection, what went wrong and what to do, and the sum of it last. */
export function formatReport(report: RunReport): string {
  const took = Date.parse(report.finishedAt) - Date.parse(report.startedAt);
  return [
    ...(report.collections.length > 0 ? [collectionTable(report), ""] : []),
    ...report.collections.flatMap(collectionLines),
    ...report.errors.flatMap(({ message, hint }) => [
      `error: ${message}`,
      ...(hint === undefined ? [] : [`  hint: ${hint}`]),
    ]),
    ...report.warnings.map((warning) => `warning: ${warning}`),
    `${report.summary}, in ${formatDuration(took)}`,
  ].join("\n");
}

function collectionTable({ action, collections }: RunReport): string {
  const number = { align: "right" } as const;
  const isRestore = action === "restore";
  const columns = [
    { title: "COLLECTION" },
    ...(isRestore ? [{ title: "RESTORED AS" }] : []),
    { title: "STATE" },
    { title: isRestore ? "ROWS EXPECTED" : "ROWS", ...number },
    ...(isRestore ? [{ title: "FOUND", ...number }] : []),
    { title: "OBJECTS", ...number },
    { title: "BYTES", ...number },
  ];
  return formatTable(
    columns,
    collections.map((outcome) => cells(outcome, isRestore)),
  );
}

function cells(outcome: CollectionOutcome, isRestore: boolean): readonly string[] {
  const { collection, restoredTo, state, rows, rowsFound, objects, bytes } = outcome;
  return [
    formatName(collection),
    ...(isRestore ? [restoredTo === undefined ? "" : formatName(restoredTo)] : []),
    state,
    formatCount(rows),
    ...(isRestore ? [rowsFound === undefined ? "" : formatCount(rowsFound)] : []),
    formatCount(objects),
    formatBytes(bytes),
  ];
}

function collectionLines({ collection, error, notes }: CollectionOutcome): readonly string[] {
  const name = formatName(collection);
  const lines = notes.map((note) => `${name}: ${note}`);
  if (error === undefined) return lines;
  return [...lines, `${name}: ${error.message}`, ...(error.hint === undefined ? [] : [`  hint: ${error.hint}`])];
}
