import { formatLevel } from "../core/check-level.ts";
import { formatDamage } from "../core/check-outcome.ts";
import type { CheckOutcome } from "../core/check-outcome.ts";
import { formatName } from "../core/collection-name.ts";
import type { CollectionOutcome, EventError, TargetOutcome } from "../core/events.ts";
import { formatAsked } from "../core/heal-plan.ts";
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
  const took = Math.max(0, Date.parse(report.finishedAt) - Date.parse(report.startedAt)); // the clock may have been set back
  return [
    ...(collections.length > 0 ? [collectionTable(report), ""] : []),
    ...(written && further.length > 0 ? [targetTable([written, ...further]), ""] : []),
    ...(report.checks ? [checkTable(report.checks), ""] : []),
    ...section("Damage:", (report.checks ?? []).flatMap(damageLines)),
    ...section("Not done:", failures),
    ...section(
      "Not proven:",
      (report.checks ?? []).flatMap(({ unproven }) => unproven),
    ),
    ...section("Notes:", [
      ...collections.flatMap(noteLines),
      ...(report.checks ?? []).flatMap(({ notes }) => notes),
      ...warnings,
    ]),
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

function checkTable(checks: readonly CheckOutcome[]): string {
  const number = { align: "right" } as const;
  const columns = [
    { title: "VERDICT" },
    { title: "LEVEL" },
    { title: "OBJECTS", ...number },
    { title: "BYTES", ...number },
    { title: "TARGET" },
  ];
  return formatTable(
    columns,
    checks.map(({ verdict, level, part, objects, bytes, target }) => [
      verdict,
      formatLevel(level, part),
      formatCount(objects),
      formatBytes(bytes),
      target,
    ]),
  );
}

/** As many as a person reads; --json has them all. */
const DAMAGE_LINES = 20;

function damageLines({ target, damage, damageFound, asked }: CheckOutcome): readonly string[] {
  const more = damageFound - Math.min(damage.length, DAMAGE_LINES);
  return [
    ...damage.slice(0, DAMAGE_LINES).map((one) => `${target}: ${formatDamage(one)}`),
    ...(more > 0 ? [`and ${formatCount(more)} more, of which --json has the first thousand`] : []),
    ...(asked === undefined ? [] : [`${target}: ${formatAsked(asked)}`]),
  ];
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
