import { allowedSeconds, median } from "./contest.ts";
import type { Bound, ContestResult, Standing } from "./contest.ts";

/** The most memory that any command may take, in bytes. */
const MEMORY_BOUND = 300 * 1024 ** 2;

export interface PageFacts {
  /** Versions of all that took part, and the machine. */
  readonly facts: readonly string[];
  readonly runs: number;
  /** Longest first: where things lie, and what the page calls them. */
  readonly folders: readonly (readonly [path: string, name: string])[];
}

/** docs/performance.md: what was measured, by which commands, next to what. */
export function performancePage(results: readonly ContestResult[], { facts, runs, folders }: PageFacts): string {
  const short = (text: string): string => folders.reduce((line, [path, name]) => line.replaceAll(path, name), text);
  return [
    "# Performance",
    "",
    `Made by \`npm run bench\`: everything below was measured in one run, in turn, ${runs} times each after a warm-up.`,
    "Seconds are medians with the least and the most in brackets, memory is the most that one process held. Absolute",
    "figures are of this machine; the ratios say more.",
    "",
    ...facts.map((fact) => `- ${fact}`),
    ...results.flatMap((result) => ["", ...section(result, short)]),
    "",
  ].join("\n");
}

function section({ contest, standings }: ContestResult, short: (text: string) => string): readonly string[] {
  const ours = standings[0];
  const seconds = median(ours.turns.map((turn) => turn.seconds));
  const rows = standings.map((standing) => [
    standing.name,
    timesOf(standing),
    (seconds / median(standing.turns.map((turn) => turn.seconds))).toFixed(2),
    `${Math.round(peakOf(standing) / 1024 ** 2)} MiB`,
  ]);
  return [
    `## ${contest.name}`,
    "",
    `${contest.work[0]?.toUpperCase()}${contest.work.slice(1)}.`,
    "",
    ...table([["", "seconds", "ours ÷ this", "memory"], ...rows]),
    "",
    ...contest.bounds.map((bound) => verdict(bound, standings, seconds)),
    `- Memory: ${peakOf(ours) < MEMORY_BOUND ? "within" : "**over**"} 300 MiB.`,
    "",
    "```sh",
    ...standings.map(({ command }) => short(command.map(quote).join(" "))),
    "```",
  ];
}

function timesOf({ turns }: Standing): string {
  const seconds = turns.map((turn) => turn.seconds);
  const [middle, least, most] = [median(seconds), Math.min(...seconds), Math.max(...seconds)];
  return `${middle.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

function peakOf({ turns }: Standing): number {
  return Math.max(...turns.map(({ peakBytes }) => peakBytes));
}

function verdict(bound: Bound, standings: readonly Standing[], seconds: number): string {
  const allowed = allowedSeconds(bound, standings);
  const what = "seconds" in bound ? bound.what : formula(bound);
  return `- Bound: ${what} = ${allowed.toFixed(2)} s: ${seconds <= allowed ? "kept" : "**not kept**"} (${seconds.toFixed(2)} s).`;
}

function formula({ times, peer, plusSeconds, plusWhat }: Extract<Bound, { readonly times: number }>): string {
  return `${times} × ${peer}${plusSeconds === 0 ? "" : ` + ${plusWhat}`}`;
}

function table([head = [], ...rows]: readonly (readonly string[])[]): readonly string[] {
  return [toLine(head), toLine(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(toLine)];
}

function toLine(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function quote(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
