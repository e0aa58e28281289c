/** Runs with hooks: those that come to no backup need no Milvus, since none is reached; the others have the fake one. */
import process from "node:process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BackupError } from "../../src/core/errors.ts";
import type { HookConfig } from "../../src/core/contracts/hooks.ts";
import type { StreamLine } from "../../src/report/stream-schema.ts";
import { pollUntil } from "../../src/io/poll-until.ts";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { startFakeMilvus } from "../support/fake-milvus.ts";
import { startHttpServer } from "../support/http-server.ts";
import { createMilvusWorld } from "../support/milvus-world.ts";
import { runCommand } from "../support/run-command.ts";
import type { CommandResult } from "../support/run-command.ts";

const note = (what: string): string => `echo "${what} $MILVUS_BACKUP_STATE" >> told`;

/** A policy whose Milvus nobody hears. */
const configOf = (hooks: readonly HookConfig[], more: object = {}) => ({
  version: 1,
  sources: { prod: { address: "127.0.0.1:1", storage: "data" } },
  storages: { data: { type: "local", path: "./data" }, nas: { type: "local", path: "./nas" } },
  policies: { nightly: { source: "prod", targets: [{ storage: "nas" }], hooks } },
  ...more,
});

interface Ran extends CommandResult {
  /** What the hooks wrote, a line each. */
  readonly told: readonly string[];
  readonly events: readonly StreamLine[];
}

async function run(config: object, signal?: AbortSignal, env: Record<string, string> = {}): Promise<Ran> {
  await using folder = await createConfigFolder({ "milvus-backup.config.json": config });
  const place = { cwd: folder.path, env: { PATH: process.env["PATH"] ?? "", ...env }, ...(signal && { signal }) };
  const result = await runCommand(place, "run", "nightly", "--json");
  const told = await readFile(join(folder.path, "told"), "utf8").catch(() => "");
  const lines = result.stdout.split("\n").filter((line) => line !== "");
  const events = lines.map((line) => JSON.parse(line) as StreamLine);
  return { ...result, told: told.split("\n").filter((line) => line !== ""), events };
}

describe("a run that cannot begin", () => {
  it("its afters and finallys run, told why, when Milvus does not answer", async () => {
    const hooks: readonly HookConfig[] = [
      { around: "run", before: { shell: note("quiesce") }, after: { shell: note("unquiesce") } },
      { on: "after", states: ["complete"], shell: note("never") },
      { on: "after", states: ["failed"], shell: note("alert $MILVUS_BACKUP_ERROR_CODE $MILVUS_BACKUP_EXIT_STATUS") },
      { on: "after", scope: "source", shell: note("source") },
      { on: "after", scope: "target", shell: note("target") },
      { on: "finally", shell: note("last") },
    ];
    const { status, told, events, stderr } = await run(configOf(hooks));
    expect(status).toBe(14);
    expect(told).toEqual([
      "quiesce ",
      "source failed",
      "unquiesce failed",
      "alert unreachable 14 failed",
      "last failed",
    ]);
    expect(events.map(({ type }) => type)).toEqual([
      "run.started",
      ...told.map(() => "hook.finished"),
      "run.finished",
      "not-started",
    ]);
    expect(events.slice(-2)).toMatchObject([{ exitStatus: 14 }, { policy: "nightly", exitStatus: 14 }]);
    expect(stderr).toMatch(/^error: /);
  });

  it("it has failed when a before fails, with its afters run and nothing else begun", async () => {
    const hooks: readonly HookConfig[] = [
      {
        name: "quiesce",
        around: "run",
        before: { shell: "echo busy >&2; exit 3" },
        after: { shell: note("unquiesce") },
      },
      { on: "before", scope: "source", shell: note("never") },
    ];
    const { status, told, stderr } = await run(configOf(hooks));
    expect([status, told]).toEqual([1, ["unquiesce failed"]]);
    expect(stderr).toBe("error: The hook quiesce (before run) failed: exit status 3; it said: busy");
  });

  it("it is skipped when a before exits with 75: status 75, and a report that says so", async () => {
    const hooks: readonly HookConfig[] = [
      { name: "holiday", on: "before", shell: "exit 75" },
      { on: "after", states: ["skipped"], shell: note("told") },
      { on: "after", states: ["failed"], shell: note("never") },
    ];
    const { status, told, events } = await run(configOf(hooks));
    expect([status, told]).toEqual([75, ["told skipped"]]);
    expect(events.at(-1)).toMatchObject({
      type: "report",
      state: "skipped",
      exitStatus: 75,
      summary: expect.stringMatching(/^nightly_\w+ is skipped: Left out, as the hook holiday asks$/),
    });
  });

  it("a hook that fails after a skip is not passed over", async () => {
    const hooks: readonly HookConfig[] = [
      { on: "before", shell: "exit 75" },
      { name: "tell", on: "after", shell: "exit 1" },
    ];
    const { status, events } = await run(configOf(hooks));
    expect([status, events.at(-1)]).toMatchObject([1, { type: "report", state: "failed", exitStatus: 1 }]);
  });

  it("the afters run when it is stopped before it began", async () => {
    const controller = new AbortController();
    const stop = new BackupError("interrupted", "The run was stopped by SIGINT");
    await using server = await startHttpServer();
    const hooks: readonly HookConfig[] = [
      { on: "before", http: { url: `${server.url}/begun` } },
      { on: "before", shell: "sleep 300" },
      { on: "finally", http: { url: server.url } },
    ];
    const running = run(configOf(hooks), controller.signal);
    const hasBegun = async (): Promise<true | undefined> => server.requests.length > 0 || undefined;
    await pollUntil(hasBegun, { what: "the first hook", intervalMs: 10, deadline: Date.now() + 10_000 });
    controller.abort(stop);
    expect(await running).toMatchObject({ status: 130, stderr: "error: The run was stopped by SIGINT" });
    expect(
      server.requests.slice(1).map(({ body }) => (JSON.parse(body) as { outcome: unknown }).outcome),
    ).toMatchObject([{ state: "interrupted", exitStatus: 130 }]);
  });

  it("what hooks print is masked wherever it goes", async () => {
    const hooks: readonly HookConfig[] = [
      { name: "h", on: "before", shell: 'echo "token $TOKEN"; exit 1', env: { TOKEN: { env: "SECRET_TOKEN" } } },
    ];
    const { stdout, stderr } = await run(configOf(hooks), undefined, { SECRET_TOKEN: "s3cret-t0ken" });
    expect(stdout + stderr).not.toContain("s3cret");
    expect(stderr).toBe("error: The hook h (before run) failed: exit status 1; it said: token ***");
    expect(stdout).toContain('"output":"token ***"');
  });

  it("values of a hook reach later ones, as they are", async () => {
    const value = `it's "$(touch never)"`;
    const give = `printf '%s' '${JSON.stringify({ lock: value }).replaceAll("'", "'\\''")}' > "$MILVUS_BACKUP_VALUES"`;
    const hooks: readonly HookConfig[] = [
      { around: "run", before: { shell: give }, after: { shell: 'echo "$MILVUS_BACKUP_VALUE_lock" >> told' } },
    ];
    expect((await run(configOf(hooks))).told).toEqual([value]);
  });

  it("an observer that throws is a warning on stderr and changes no status", async () => {
    const text =
      'export default { kind: "observer", apiVersion: 1, name: "bad", options: { safeParseAsync: async () => ({ success: true, data: {} }) }, on: { event: () => { throw new Error("boom"); } } };';
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": configOf([], { plugins: ["./bad.mjs"] }),
      "bad.mjs": text,
    });
    const { status, stderr } = await runCommand({ cwd: folder.path }, "run", "nightly");
    expect([status, stderr.split("\n")[0]]).toEqual([14, "The plugin bad failed (event): boom"]);
  });
});

describe("a run of several policies", () => {
  it("one that a hook skips counts as 75 and not more, and its hooks leave nothing to the next one", async () => {
    const world = await createMilvusWorld(["shop.a"]);
    await using fake = await startFakeMilvus(world.handlers, { version: "v2.3.5" });
    const give = `echo '{"lock":"held"}' > "$MILVUS_BACKUP_VALUES"`;
    const tell = 'echo "$MILVUS_BACKUP_POLICY $MILVUS_BACKUP_STATE $MILVUS_BACKUP_VALUE_lock" >> told';
    const policyWith = (hooks: readonly HookConfig[]) => ({ source: "prod", targets: [{ storage: "nas" }], hooks });
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": configOf([], {
        sources: { prod: { address: fake.address, storage: "data" } },
        storages: { data: { type: "local", path: "./data", prefix: "files" }, nas: { type: "local", path: "./nas" } },
        policies: {
          holiday: policyWith([
            { on: "before", shell: give },
            { on: "before", shell: "exit 75" },
            { on: "finally", shell: tell },
          ]),
          nightly: policyWith([{ on: "finally", shell: tell }]),
        },
      }),
    });
    for (const name of ["data", "nas"]) await mkdir(join(folder.path, name));
    await using data = await openLocal(join(folder.path, "data"), false);
    await world.seed(data);
    const { status, stdout, stderr } = await runCommand({ cwd: folder.path }, "run", "holiday", "nightly", "--json");
    const summary: unknown = JSON.parse(stdout.split("\n").at(-1) ?? "");
    expect([status, stderr, summary]).toMatchObject([
      75,
      "",
      {
        exitStatus: 75,
        policies: [
          { policy: "holiday", state: "skipped", exitStatus: 75 },
          { policy: "nightly", state: "complete", exitStatus: 0 },
        ],
        summary: "1 of 2 policies complete",
      },
    ]);
    expect(await readFile(join(folder.path, "told"), "utf8")).toBe("holiday skipped held\nnightly complete \n");
  });
});
