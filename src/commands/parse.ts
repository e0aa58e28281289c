import { parseArgs } from "node:util";
import { BackupError } from "../core/errors.ts";
import { findNearest } from "../core/nearest.ts";
import { oneOf } from "./one-of.ts";
import type { Command, CommandInput, OptionSpecs } from "./command.ts";

/** Operands and options of a command; a BackupError "usage" says what is wrong and where the help is. */
export function parseCommand(command: Command, args: readonly string[]): CommandInput<OptionSpecs> {
  const { values, positionals } = parseWith(command, args);
  checkChoices(command, values);
  const { min, max } = command.arity;
  if (positionals.length < min) throw usage(command, `${command.name} needs ${command.operands}`);
  if (positionals.length > max) throw usage(command, `${command.name} takes no ${JSON.stringify(positionals[max])}`);
  return { names: positionals, options: values };
}

/** Of options that are given once: none that is repeated has choices. */
function checkChoices({ options }: Command, values: object): void {
  for (const [name, value] of Object.entries<unknown>({ ...values })) {
    const choices = options[name]?.choices;
    if (choices !== undefined && typeof value === "string") oneOf(name, value, choices);
  }
}

function parseWith(command: Command, args: readonly string[]): { values: object; positionals: string[] } {
  try {
    return parseArgs({
      args: [...args],
      options: Object.fromEntries(Object.entries(command.options).map(toParseArgs)),
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const flag = /'(--?[^' <,]+)/.exec(error.message)?.[1] ?? "";
    const near = findNearest(flag.replace(/^-+/, ""), Object.keys(command.options));
    const [reason] = error.message.split(". ");
    throw usage(command, `${reason ?? error.message}${near === undefined ? "" : `: did you mean --${near}?`}`);
  }
}

function toParseArgs([name, spec]: [string, OptionSpecs[string]]) {
  const { type, short, multiple } = spec;
  return [name, { type, ...(short && { short }), ...(multiple && { multiple }) }] as const;
}

function usage(command: Command, message: string): BackupError {
  return new BackupError("usage", message, { hint: `milvus-backup ${command.name} --help shows how it is used` });
}
