import type { Command, NameKind, OptionSpec } from "./command.ts";

/** A completion for bash, made from the commands: names are looked up by the tool, paths are the shell's own. */
export function bashCompletion(commands: readonly Command[]): string {
  const groups = groupsOf(commands);
  const first = [...new Set(commands.map(({ name }) => firstOf(name)))].join(" ");
  return [
    "# milvus-backup for bash: source <(milvus-backup completion bash)",
    "_milvus_backup() {",
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="${COMP_WORDS[1]}"',
    '  local words="" config="" i',
    "  for ((i = 2; i < COMP_CWORD - 1; i++)); do",
    '    case "${COMP_WORDS[i]}" in --config | -c) config="${COMP_WORDS[i + 1]}" ;; esac',
    "  done",
    "  # --index=auto comes as three words",
    '  [[ $word == "=" ]] && word=""',
    '  [[ $before == "=" ]] && before="${COMP_WORDS[COMP_CWORD-2]}"',
    `  case "$command" in ${[...groups.keys(), "-"].join(" | ")})`, // "-" where there is no command of two words
    '    ((COMP_CWORD > 2)) && command+=" ${COMP_WORDS[2]}" ;;',
    "  esac",
    "  if ((COMP_CWORD == 1)); then",
    `    words="${first} help --help --version"`,
    "  else",
    '    case "$command $before" in',
    `    "help help") words="${first}" ;;`,
    ...commands.flatMap(valueCases),
    "    *)",
    '      case "$command $word" in',
    ...commands.map((command) => `      "${command.name} -"*) words="${flagsOf(command)}" ;;`),
    ...commands.flatMap(operandCase),
    ...Array.from(groups, ([group, seconds]) => `      "${group} "*) words="${seconds.join(" ")}" ;;`),
    "      esac",
    "      ;;",
    "    esac",
    "  fi",
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    "}",
    "_milvus_backup_names() {",
    '  milvus-backup completion --names "$1" ${2:+--config "$2"} 2>/dev/null',
    "}",
    "complete -o default -F _milvus_backup milvus-backup",
  ].join("\n");
}

function firstOf(name: string): string {
  return name.split(" ")[0] ?? name;
}

/** The second words of commands of two, by the first. */
function groupsOf(commands: readonly Command[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const { name } of commands) {
    const [first = "", second] = name.split(" ");
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), second]);
  }
  return groups;
}

/** The same in zsh, which knows bash's way of completing. */
export function zshCompletion(commands: readonly Command[]): string {
  return [
    "# milvus-backup for zsh, after compinit: source <(milvus-backup completion zsh)",
    "autoload -Uz bashcompinit && bashcompinit",
    ...bashCompletion(commands).split("\n").slice(1),
  ].join("\n");
}

/** A case for each option with a value; one that is neither a name nor a choice is completed as a path. */
function valueCases({ name, options }: Command): readonly string[] {
  return Object.entries(options).flatMap(([option, spec]) => {
    if (spec.type === "boolean") return [];
    const flags = [`--${option}`, ...(spec.short === undefined ? [] : [`-${spec.short}`])];
    return `    ${flags.map((flag) => `"${name} ${flag}"`).join(" | ")}) words="${wordsOf(spec)}" ;;`;
  });
}

function wordsOf({ choices, names }: Pick<OptionSpec, "choices" | "names">): string {
  if (choices !== undefined) return choices.join(" ");
  return names === undefined ? "" : lookUp(names);
}

function lookUp(kind: NameKind): string {
  return `$(_milvus_backup_names ${kind} "$config")`;
}

function flagsOf({ options }: Command): string {
  return [...Object.keys(options).map((option) => `--${option}`), "--help"].join(" ");
}

function operandCase({ name, completes }: Command): readonly string[] {
  if (completes === undefined) return [];
  const words = typeof completes === "string" ? lookUp(completes) : completes.join(" ");
  return [`      "${name} "*) words="${words}" ;;`];
}
