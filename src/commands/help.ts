import type { Command, OptionSpec } from "./command.ts";

const SHELL = "milvus-backup";

/** The help of one command: what it does, its options, examples that run. */
export function commandHelp(command: Command): string {
  return [
    `${command.summary}\n`,
    `Usage: ${usageOf(command)}`,
    ...(command.details === undefined ? [] : [`\n${command.details}`]),
    `\nOptions:\n${optionLines(command)}`,
    "\nExamples:",
    ...command.examples.map((example) => `  # ${example.does}\n  ${example.command}`),
  ].join("\n");
}

/** How the command is written. */
export function usageOf({ name, operands }: Command): string {
  return [SHELL, name, operands, "[options]"].filter((word) => word !== "").join(" ");
}

/** A line for each option: how it is written, and what it is for. */
export function optionLines({ options }: Command): string {
  return columns(Object.entries(options).map(([name, spec]) => [flagOf(name, spec), spec.summary] as const));
}

/** The list of all commands. */
export function mainHelp(commands: readonly Command[]): string {
  return [
    "Back up and restore Milvus from policy files.\n",
    `Usage: ${SHELL} <command> [options]\n`,
    "Commands:",
    columns(commands.map(({ name, summary }) => [name, summary] as const)),
    `\n${SHELL} <command> --help explains one. Exit statuses: 0 done, 1 failed, 2 usage, 3 partial, 4 damaged or different,`,
    "10 not found, 12 credentials, 13 config invalid, 14 unreachable, 15 refused by a guard, 130 interrupted.",
  ].join("\n");
}

function flagOf(name: string, { short, type, value }: OptionSpec): string {
  const flag = `${short === undefined ? "    " : `-${short}, `}--${name}`;
  return type === "boolean" ? flag : `${flag} ${value ?? "VALUE"}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
