import type { Command, OptionSpec } from "./command.ts";

const COMPLETE = "complete -c milvus-backup";

/** A completion for fish, made from the commands, with what each command and option is for. */
export function fishCompletion(commands: readonly Command[]): string {
  return [
    "# milvus-backup for fish: milvus-backup completion fish > ~/.config/fish/completions/milvus-backup.fish",
    `${COMPLETE} -f`,
    ...commands.flatMap(commandLines),
  ].join("\n");
}

function commandLines({ name, summary, completes, options }: Command): readonly string[] {
  const [first = "", second] = name.split(" ");
  const within = `${COMPLETE} -n ${quote(name.split(" ").map(seen).join("; and "))}`;
  const operands = completes === undefined ? [] : [`${within} -a ${quote(wordsOf(completes))}`];
  const flags = Object.entries(options).map(([option, spec]) => {
    const short = spec.short === undefined ? "" : ` -s ${spec.short}`;
    return `${within} -l ${option}${short}${valueOf(spec)} -d ${quote(spec.summary)}`;
  });
  const offer =
    second === undefined
      ? [`${COMPLETE} -n __fish_use_subcommand -a ${first} -d ${quote(summary)}`]
      : [
          `${COMPLETE} -n __fish_use_subcommand -a ${first}`,
          `${COMPLETE} -n ${quote(seen(first))} -a ${second} -d ${quote(summary)}`,
        ];
  return [...offer, ...operands, ...flags];
}

function seen(word: string): string {
  return `__fish_seen_subcommand_from ${word}`;
}

/** -x: words and no paths; -r -F: paths. */
function valueOf({ type, choices, names }: OptionSpec): string {
  if (type === "boolean") return "";
  if (choices !== undefined) return ` -x -a ${quote(choices.join(" "))}`;
  if (names === undefined) return " -r -F";
  return `${names === "storages" ? " -r -F" : " -x"} -a ${quote(wordsOf(names))}`; // a place can be a path, too
}

function wordsOf(completes: NonNullable<Command["completes"]>): string {
  return typeof completes === "string"
    ? `(milvus-backup completion --names ${completes} 2>/dev/null)`
    : completes.join(" ");
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, (character) => `\\${character}`)}'`;
}
