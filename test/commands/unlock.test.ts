/** unlock on a directory in which runs have left locks, and a deletion that is kept out or not. */
import { existsSync } from "node:fs";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeLock } from "../../src/format/lock.ts";
import type { LockBody } from "../../src/format/lock.ts";
import { identifyProcess } from "../../src/io/process-identity.ts";
import { createConfigFolder } from "../support/config-folder.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { runCommand } from "../support/run-command.ts";

async function openNas() {
  const folder = await createConfigFolder({
    "milvus-backup.config.json": { version: 1, sources: {}, storages: { nas: { type: "local", path: "./nas" } } },
  });
  const leases = join(folder.path, "nas/.milvus-backup/locks/s");
  await mkdir(leases, { recursive: true });
  return {
    left: async () => (existsSync(leases) ? await readdir(leases) : []), // a directory goes with its last file
    leave: async (runId: string, { minutes, ...more }: { readonly minutes: number } & Partial<LockBody>) => {
      const time = new Date(Date.now() - minutes * 60_000);
      await writeFile(join(leases, runId), encodeLock(lockOwner(runId, { backup: "b1", ...more })));
      await utimes(join(leases, runId), time, time);
    },
    unlock: (...args: string[]) => runCommand({ cwd: folder.path, env: {} }, "unlock", "--target", "nas", ...args),
    unlockAs: (ask: (question: string) => Promise<string>) =>
      runCommand({ cwd: folder.path, env: {}, ask }, "unlock", "--target", "nas"),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe("unlock", () => {
  it("unlock says so where there is no lock", async () => {
    await using nas = await openNas();
    expect(await nas.unlock()).toMatchObject({ status: 0, stdout: "There is no lock" });
  });

  it("unlock shows who is there and removes nothing; with --yes only what is stale", async () => {
    await using nas = await openNas();
    await nas.leave("alive", { minutes: 2 });
    await nas.leave("dead", { minutes: 95, kind: "restore", host: "h2" });
    const shown = await nas.unlock();
    expect(shown.status).toBe(15);
    expect(shown.stdout).toBe(
      [
        "TARGET  LOCK    RUN    DOES     BACKUP  HOST  PROCESS  SINCE                 REFRESHED       STATE",
        "nas     shared  alive  backup   b1      h1    7        2026-01-01T00:00:00Z  2 min ago       live",
        "nas     shared  dead   restore  b1      h2    7        2026-01-01T00:00:00Z  1 h 35 min ago  stale",
      ].join("\n"),
    );
    expect(await nas.left()).toEqual(["alive", "dead"]);
    const { status, stdout } = await nas.unlock("--yes");
    expect([status, stdout.split("\n").at(-1)]).toEqual([0, "1 lock removed"]);
    expect(await nas.left()).toEqual(["alive"]);
    expect((await nas.unlock()).status).toBe(0); // nothing to do
  });

  it("unlock RUN refuses one that lives, and removes it with --force", async () => {
    await using nas = await openNas();
    await nas.leave("alive", { minutes: 2 });
    const refused = await nas.unlock("alive", "--yes");
    expect([refused.status, refused.stderr]).toEqual([15, expect.stringContaining("the run alive on h1, process 7")]);
    expect((await nas.unlock("nobody", "--yes")).status).toBe(10);
    expect((await nas.unlock("--force", "--yes")).status).toBe(2);
    expect(await nas.left()).toEqual(["alive"]);
    expect((await nas.unlock("alive", "--force", "--yes")).status).toBe(0);
    expect(await nas.left()).toEqual([]);
  });

  it("unlock takes for stale what a process of this machine has left that is gone, however fresh it is", async () => {
    const system = (await identifyProcess())?.system;
    if (system === undefined) return; // elsewhere than on Linux nobody can tell
    await using nas = await openNas();
    await nas.leave("killed", { minutes: 0, pid: 2 ** 22 + 1, system });
    expect((await nas.unlock("--yes")).status).toBe(0);
    expect(await nas.left()).toEqual([]);
  });

  it("unlock asks who sits at a terminal, and removes nothing without a yes", async () => {
    await using nas = await openNas();
    await nas.leave("dead", { minutes: 95 });
    const asked: string[] = [];
    const answering = (answer: string) => async (question: string) => {
      asked.push(question);
      return answer;
    };
    expect((await nas.unlockAs(answering(""))).status).toBe(15);
    expect(await nas.left()).toEqual(["dead"]);
    expect((await nas.unlockAs(answering("y"))).status).toBe(0);
    expect([asked.at(-1), await nas.left()]).toEqual(["Remove 1 lock? [y/N] ", []]);
  });

  it("unlock --json gives programs every lock, and which were removed", async () => {
    await using nas = await openNas();
    await nas.leave("alive", { minutes: 2 });
    await nas.leave("dead", { minutes: 95 });
    const { stdout } = await nas.unlock("--yes", "--json");
    expect(JSON.parse(stdout)).toMatchObject([
      {
        target: "nas",
        run: "alive",
        lock: "shared",
        kind: "backup",
        host: "h1",
        pid: 7,
        state: "live",
        removed: false,
      },
      { run: "dead", state: "stale", removed: true },
    ]);
  });
});
