import { formatName } from "../core/collection-name.ts";
import type { CollectionOutcome, EventError, TargetOutcome } from "../core/events.ts";
import { formatBytes, formatCount, formatDuration } from "../core/quantities.ts";
import type { RunReport } from "../core/report.ts";
import { nextSteps } from "./next-steps.ts";
import { formatTable } from "./table.ts";

/** A run's report for people: what was done, what was not and why, the sum of it, and what to do next. */
export function formatReport(report: RunReport): string {
  const { collections, targets: [written, ...further] = [], errors, warnings, summary } = report;
  const failures = [
    ...collections.flatMap(failureLines),
    ...errors.flatMap((error) => errorLines("", error)),
    ...further.flatMap(({ name, error }) => (error === undefined ? [] : errorLines(`${name}: `, error))),
  ];
  const took = Date.parse(report.finishedAt) - Date.parse(report.startedAt);
  return [
    ...(collections.length > 0 ? [collectionTable(report), ""] : []),
    ...(written && further.length > 0 ? [targetTable([written, ...further]), ""] : []),
    ...section("Not done:", failures),
    ...section("Notes:", [...collections.flatMap(noteLines), ...warnings]),
    `${summary}, in ${formatDuration(took)}`,
    ...nextSteps(report).map((step) => `  ${step}`),
  ].join("\n");
}

/** Names come last: however long they are, the columns before them stand. */
function collectionTable({ action, collections }: RunReport): string {
  const number = { align: "right" } as const;
  const isRestore = action === "restore";
  const columns = [
    { title: "STATE" },
    { title: isRestore ? "EXPECTED" : "ROWS", ...number },
    ...(isRestore ? [{ title: "FOUND", ...number }] : []),
    { title: "OBJECTS", ...number },
    { title: "BYTES", ...number },
    { title: isRestore ? "COLLECTION, AND ITS NEW NAME" : "COLLECTION" },
  ];
  return formatTable(
    columns,
    collections.map((outcome) => cells(outcome, isRestore)),
  );
}

function targetTable(targets: readonly TargetOutcome[]): string {
  const number = { align: "right" } as const;
  const columns = [
    { title: "STATE" },
    { title: "OBJECTS", ...number },
    { title: "BYTES", ...number },
    { title: "TARGET" },
  ];
  return formatTable(
    columns,
    targets.map(({ state, objects, bytes, name }) => [state, formatCount(objects), formatBytes(bytes), name]),
  );
}

function cells(outcome: CollectionOutcome, isRestore: boolean): readonly string[] {
  const { state, rows, rowsFound, objects, bytes } = outcome;
  return [
    state,
    formatCount(rows),
    ...(isRestore ? [rowsFound === undefined ? "" : formatCount(rowsFound)] : []),
    formatCount(objects),
    formatBytes(bytes),
    namesOf(outcome),
  ];
}

function namesOf({ collection, restoredTo = collection }: CollectionOutcome): string {
  const [from, to] = [formatName(collection), formatName(restoredTo)];
  return from === to ? from : `${from} → ${to}`;
}

function failureLines({ collection, error }: CollectionOutcome): readonly string[] {
  return error === undefined ? [] : errorLines(`${formatName(collection)}: `, error);
}

function errorLines(subject: string, { message, hint }: EventError): readonly string[] {
  return [`${subject}${message}`, ...(hint === undefined ? [] : [`  hint: ${hint}`])];
}

function noteLines({ collection, notes }: CollectionOutcome): readonly string[] {
  return notes.map((note) => `${formatName(collection)}: ${note}`);
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ""];
}
