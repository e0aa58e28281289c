import type { ExitStatus } from "../core/errors.ts";
import type { Caller } from "./caller.ts";
import type { Stderr } from "./stderr.ts";

/** What a word of a command line can name, which the completion then looks up. */
export type NameKind = "policies" | "groups" | "sources" | "storages" | "backups";

export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** What the help calls the value. */
  readonly value?: string;
  /** The values that there are; with another one the command does not begin. */
  readonly choices?: readonly string[];
  /** What the value names, for the completion. */
  readonly names?: NameKind;
  readonly summary: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type WordOf<Spec extends OptionSpec> = Spec["choices"] extends readonly (infer Word)[] ? Word : string;

type ValueOf<Spec extends OptionSpec> = Spec["type"] extends "boolean"
  ? boolean
  : Spec["multiple"] extends true
    ? WordOf<Spec>[]
    : WordOf<Spec>;

export type OptionValues<Specs extends OptionSpecs> = { readonly [Name in keyof Specs]?: ValueOf<Specs[Name]> };

/** What a command may touch besides files, Milvus and storages: given by cli.ts, and by tests. */
export interface CommandDeps extends Caller, Stderr {
  /** Writes a line to stdout: the result, and nothing else. */
  readonly print: (line: string) => void;
  /** The answer of the person at the terminal, "" for an empty line; not there where there is nobody. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Where progress is drawn. */
  readonly progress: NodeJS.WriteStream;
}

export interface CommandInput<Specs extends OptionSpecs> {
  readonly names: readonly string[];
  readonly options: OptionValues<Specs>;
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

export interface CommandSpec<Specs extends OptionSpecs> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands behind the command: "<name>", "[policy…]", "". */
  readonly operands: string;
  /** How many operands there may be. */
  readonly arity: { readonly min: number; readonly max: number };
  /** What the operands name, or the words that they can be: for the completion. */
  readonly completes?: NameKind | readonly string[];
  readonly details?: string;
  readonly options: Specs;
  readonly examples: readonly Example[];
  /** Imports what it works with when it runs: the help, which loads every command, must not wait for any of it. */
  run(deps: CommandDeps, input: CommandInput<Specs>): Promise<ExitStatus>;
}

/** A command of any options, as cli.ts handles it. */
export type Command = CommandSpec<OptionSpecs>;

/** Ties the type of run's options to what the options say. */
export function defineCommand<const Specs extends OptionSpecs>(spec: CommandSpec<Specs>): Command {
  return {
    ...spec,
    run: (deps, { names, options }) => spec.run(deps, { names, options: options as OptionValues<Specs> }), // parsed by these very specs
  };
}
