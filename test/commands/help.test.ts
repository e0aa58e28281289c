import { describe, expect, it } from "vitest";
import { COMMAND_LOADERS, splitName } from "../../src/commands/commands.ts";
import { commandHelp, mainHelp } from "../../src/commands/help.ts";
import { parseCommand } from "../../src/commands/parse.ts";
import { callsOf } from "../support/doc-blocks.ts";

const NAMES = Object.keys(COMMAND_LOADERS);
const commands = await Promise.all(Object.values(COMMAND_LOADERS).map((load) => load()));

describe.each(commands)("milvus-backup $name", (command) => {
  it("is loaded under its own name", () => {
    expect(NAMES).toContain(command.name);
  });

  it("says in a line what it does, and explains every option", () => {
    expect(command.summary).toMatch(/^[A-Z][^\n]{10,80}[^.\n]$/);
    for (const [name, { summary, type, value }] of Object.entries(command.options)) {
      expect([name, summary.length > 5, value !== undefined]).toEqual([name, true, type === "string"]);
    }
  });

  it("has examples, which the command itself understands", () => {
    expect(command.examples.length).toBeGreaterThan(0);
    for (const { command: line, does } of command.examples) {
      const [words = []] = callsOf(line);
      const [name, ...args] = splitName(words);
      expect([name, does !== ""]).toEqual([command.name, true]);
      expect(() => parseCommand(command, args)).not.toThrow();
    }
  });

  it("has help with usage, options and examples, each within a line of a wide terminal", () => {
    const help = commandHelp(command);
    expect(help).toContain(`Usage: milvus-backup ${command.name}`);
    for (const name of Object.keys(command.options)) expect(help).toContain(`--${name}`);
    for (const { command: line } of command.examples) expect(help).toContain(line);
  });

  it("names no short flag twice", () => {
    const shorts = Object.values(command.options).flatMap(({ short }) => short ?? []);
    expect(new Set(shorts).size).toBe(shorts.length);
  });
});

describe("splitName()", () => {
  it("splitName() takes two words where the first is a group's, else one", () => {
    expect([
      splitName(["config", "schema", "policy"]),
      splitName(["config", "show"]),
      splitName(["config", "--help"]),
      splitName(["run", "nightly", "--json"]),
      splitName([]),
    ]).toEqual([
      ["config schema", "policy"],
      ["config show"],
      ["config", "--help"],
      ["run", "nightly", "--json"],
      [""],
    ]);
  });
});

it("mainHelp() lists every command and what the exit statuses mean", () => {
  const help = mainHelp(commands);
  for (const { name } of commands) expect(help).toMatch(new RegExp(`^  ${name} +\\S`, "m"));
  for (const status of ["3 partial", "4 damaged", "13 config", "14 unreachable", "15 refused"])
    expect(help).toContain(status);
});
