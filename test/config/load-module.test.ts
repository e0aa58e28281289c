import process from "node:process";
import { describe, expect, it, vi } from "vitest";
import { createModuleLoader } from "../../src/config/load-module.ts";
import { createConfigFolder, modules } from "../support/config-folder.ts";

describe("createModuleLoader()", () => {
  it("createModuleLoader() gives modules the running tool, also deep in what they import", async () => {
    await using folder = await createConfigFolder({
      "shared.ts":
        'import { StorageError } from "milvus-backup/plugin";\nexport const made: unknown = new StorageError("full", "x");\n',
      "a.ts":
        'import { made } from "./shared.ts";\nimport { defineConfig } from "milvus-backup";\nexport default { made, defineConfig };\n',
    });
    const loaded = await createModuleLoader(modules)(`${folder.path}/a.ts`);
    const { defineConfig } = await import("../../src/index.ts");
    const { StorageError } = await import("../../src/plugin.ts");
    expect(loaded).toEqual({ kind: "data", data: { made: expect.any(StorageError), defineConfig } });
  });

  it("createModuleLoader() waits for a default export that is a promise", async () => {
    await using folder = await createConfigFolder({ "a.mjs": "export default Promise.resolve({ a: 1 });" });
    expect(await createModuleLoader({})(`${folder.path}/a.mjs`)).toEqual({ kind: "data", data: { a: 1 } });
  });

  it("createModuleLoader() gives up on a module that never ends, and on one that would end the process", async () => {
    await using folder = await createConfigFolder({
      "a.mjs": "await new Promise(() => {});\nexport default {};\n",
      "b.ts": 'import process from "node:process";\nprocess.exit(0);\n',
    });
    const { exit } = process;
    const load = createModuleLoader({});
    expect(await load(`${folder.path}/b.ts`)).toEqual({
      kind: "fault",
      message: "it cannot be loaded: a config must not call process.exit",
      line: 2,
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const loading = load(`${folder.path}/a.mjs`);
      await vi.waitUntil(() => vi.getTimerCount() > 0);
      vi.advanceTimersByTime(30_000);
      expect(await loading).toEqual({ kind: "fault", message: "it cannot be loaded: it took more than 30 s" });
    } finally {
      vi.useRealTimers();
    }
    expect(process.exit).toBe(exit);
  });

  it("createModuleLoader() leaves the process as it was when several are loaded at once", async () => {
    await using folder = await createConfigFolder({
      "a.mjs": "export default {};\n",
      "b.mjs": "await new Promise((resolve) => setImmediate(resolve));\nexport default {};\n",
    });
    const { exit } = process;
    const { write } = process.stdout;
    const load = createModuleLoader({});
    await Promise.all(["b", "a", "b"].map((name) => load(`${folder.path}/${name}.mjs`)));
    expect([process.exit, process.stdout.write]).toEqual([exit, write]);
  });

  it("createModuleLoader() keeps what a module prints away from stdout", async () => {
    const print =
      'import process from "node:process";\nconsole.log("a1");\nconsole.info("a2");\nprocess.stdout.write("a3");\n';
    await using folder = await createConfigFolder({ "a.ts": `${print}export default {};\n`, "b.ts": "throw 1;\n" });
    const stdout = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const log = vi.spyOn(console, "log");
    const { write } = process.stdout;
    const error = vi.spyOn(console, "error").mockReturnValue();
    const load = createModuleLoader({});
    try {
      await load(`${folder.path}/a.ts`);
      await load(`${folder.path}/b.ts`);
      expect([stdout.mock.calls, log.mock.calls, stderr.mock.calls, error.mock.calls]).toEqual([
        [],
        [],
        [["a3"]],
        [["a1"], ["a2"]],
      ]);
      expect(console).toHaveProperty("log", log);
      expect(process.stdout).toHaveProperty("write", write);
    } finally {
      vi.restoreAllMocks();
    }
  });
});
