import type { Command } from "../../src/commands/command.ts";
import { optionLines, usageOf } from "../../src/commands/help.ts";

/** What `--help` says of a command, as a page. */
export function commandPage(command: Command): string {
  const { name, summary, details, examples } = command;
  return [
    `<!-- Made by npm run docs from src/commands/${fileName(name)}.ts -->\n`,
    `# milvus-backup ${name}\n`,
    `${summary}.\n`,
    ...(details === undefined ? [] : [`${details}\n`]),
    fence("text", `${usageOf(command)}\n\n${optionLines(command)}`),
    "## Examples\n",
    ...examples.map((example) => `${example.does}:\n\n${fence("sh", example.command)}`),
    "[What the exit statuses mean](../../README.md#commands)\n",
  ].join("\n");
}

/** A command of two words has a dash between them in the names of its files. */
export function fileName(name: string): string {
  return name.replaceAll(" ", "-");
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}
