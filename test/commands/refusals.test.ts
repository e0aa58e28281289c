/** What ends a command before it has read or written anything: names that are none, and a server of another kind. */
import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createConfigFolder } from "../support/config-folder.ts";
import { type FakeHandlers, ok, startFakeMilvus } from "../support/fake-milvus.ts";
import { runCommand } from "../support/run-command.ts";

describe("a name that cannot be a backup's", () => {
  const names = ["", ".", "..", "a/b", "../b1", "/etc/passwd", "1st", "a-b", "a b", "a\n", "$(id)", "b1;id", "b*"];
  const others = ["日本", "é", "a\0", ".milvus-backup", "x".repeat(129), "x".repeat(300)];
  const commands = [["create", "-n"], ["get"], ["delete", "--yes"], ["restore"]] as const;

  it.each([...names, ...others])("%j ends with 2 before a config is looked for", async (name) => {
    for (const [command, ...before] of commands) {
      const result = await runCommand({ cwd: "/no/such/folder" }, command, ...before, name);
      expect([command, result.status, result.stdout]).toEqual([command, 2, ""]);
      expect(result.stderr).toMatch(/^error: "/);
      expect(result.stderr).toContain("hint: a name has a letter or _ first, then letters, digits and _");
    }
  });
});

describe("a server that is no Milvus that can be backed up", () => {
  it.each<{ what: string; version: string; says: string; handlers?: FakeHandlers }>([
    { what: "too old", version: "v2.1.4", says: "is v2.1.4, older than 2.2.9" },
    { what: "too old by a patch", version: "v2.2.8", says: "is v2.2.8, older than 2.2.9" },
    { what: "of a version that says nothing", version: "nightly", says: 'it says "nightly"' },
    { what: "of no version", version: "", says: "it says nothing" },
    { what: "Milvus Lite", version: "milvus_lite-3.2.1", says: "Milvus Lite keeps no segments" },
    {
      what: "silent about success",
      version: "v2.3.5",
      says: "answered with nothing",
      handlers: { GetVersion: () => ({}) },
    },
  ])("$what: run, create and plan end with 14, and write nothing", async ({ version, says, handlers = {} }) => {
    const connect = { Connect: () => ok({ server_info: { build_tags: version } }) };
    await using fake = await startFakeMilvus({ ...connect, ...handlers }, { version });
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": {
        version: 1,
        sources: { prod: { address: fake.address, storage: "data" } },
        storages: { data: { type: "local", path: "./data" }, nas: { type: "local", path: "./nas" } },
        policies: { nightly: { source: "prod", targets: [{ storage: "nas" }] } },
      },
    });
    for (const words of [
      ["run", "nightly"],
      ["create", "-n", "b1"],
      ["plan", "nightly"],
    ] as const) {
      const [command, ...args] = words;
      const { status, stdout, stderr } = await runCommand({ cwd: folder.path }, command, ...args);
      expect([command, status, stdout, stderr]).toEqual([command, 14, "", expect.stringContaining(says)]);
      expect(stderr).toContain(fake.address);
      expect(stderr).toContain("hint: ");
    }
    expect(await readdir(folder.path)).toEqual(["milvus-backup.config.json"]);
  });
});
