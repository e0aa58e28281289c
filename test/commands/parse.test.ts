import { describe, expect, it } from "vitest";
import { defineCommand } from "../../src/commands/command.ts";
import { commandHelp } from "../../src/commands/help.ts";
import { parseCommand } from "../../src/commands/parse.ts";

const command = defineCommand({
  name: "get",
  summary: "Show one backup",
  operands: "NAME",
  arity: { min: 1, max: 1 },
  options: {
    json: { type: "boolean", summary: "Print JSON" },
    order: { type: "string", value: "HOW", choices: ["name", "age"], summary: "What comes first" },
    target: { type: "string", short: "t", value: "PLACE", summary: "Where the backup is" },
  },
  examples: [{ command: "milvus-backup get b1", does: "Show b1" }],
  run: async () => 0,
});

describe("parseCommand", () => {
  it("parseCommand() gives operands and options", () => {
    expect(parseCommand(command, ["b1", "--json", "-t", "nas"])).toEqual({
      names: ["b1"],
      options: { json: true, target: "nas" },
    });
  });

  it.each([
    [[], "get needs NAME"],
    [["a", "b"], 'get takes no "b"'],
    [["a", "--targte", "x"], "did you mean --target?"],
    [["a", "--target"], "argument missing"],
    [["a", "--order", "size"], '--order is name, age, not "size"'],
  ])("parseCommand() refuses %j", (args, message) => {
    expect(() => parseCommand(command, args)).toThrow(message);
  });

  it("commandHelp() shows usage, options and examples", () => {
    expect(commandHelp(command).split("\n")).toEqual([
      "Show one backup",
      "",
      "Usage: milvus-backup get NAME [options]",
      "",
      "Options:",
      "      --json          Print JSON",
      "      --order HOW     What comes first",
      "  -t, --target PLACE  Where the backup is",
      "",
      "Examples:",
      "  # Show b1",
      "  milvus-backup get b1",
    ]);
  });
});
