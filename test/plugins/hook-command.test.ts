import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command } from "../../plugins/hook-command/index.ts";
import { pollUntil } from "../../src/io/poll-until.ts";
import { describeHook } from "../../src/testing.ts";
import { callPlugin, COMPLETE, FACTS, FAILED } from "../support/call-plugin.ts";

let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "hook-command-")));
});
afterAll(() => rm(folder, { recursive: true }));

const shell = (line: string, setting: Parameters<typeof callPlugin>[2] = {}, more: object = {}) =>
  callPlugin(command, { shell: line, ...more }, setting);

/** The processes that a hook wrote down, once they are there. */
async function pidsIn(file: string, count: number): Promise<readonly number[]> {
  const read = async (): Promise<readonly number[] | undefined> => {
    const text = await readFile(join(folder, file), "utf8").catch(() => "");
    const pids = text.trim().split("\n").filter(Boolean).map(Number);
    return pids.length === count ? pids : undefined;
  };
  return await pollUntil(read, { what: file, intervalMs: 10, deadline: Date.now() + 10_000 });
}

/** Waits until none of them is there; a process that has ended may be left to be reaped. */
async function expectGone(pids: readonly number[]): Promise<void> {
  const isGone = async (pid: number): Promise<boolean> => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tX");
    return /^State:\t[XZ]/m.test(status);
  };
  const check = async (): Promise<true | undefined> => {
    const gone = await Promise.all(pids.map(isGone));
    return gone.every(Boolean) || undefined;
  };
  expect(await pollUntil(check, { what: "the end of processes", intervalMs: 10, deadline: Date.now() + 10_000 })).toBe(
    true,
  );
}

const env = { PATH: process.env["PATH"] ?? "" };
describeHook(command, { options: { argv: ["true"] }, wrong: [{}, { argv: [] }], env });

describe("command", () => {
  it("command runs a program without a shell, in the config's folder, with arguments as they are", async () => {
    const argv = ["printf", "<%s>", "$HOME; x", "", "*"];
    expect((await callPlugin(command, { argv }, { directory: folder })).said).toBe("<$HOME; x><><*>");
    expect((await callPlugin(command, { argv: ["pwd"] }, { directory: folder })).said).toBe(`${folder}\n`);
    expect((await callPlugin(command, { argv: ["pwd"], cwd: "/" }, { directory: folder })).said).toBe("/\n");
  });

  it("command runs a program by a path relative to where it runs", async () => {
    await writeFile(join(folder, "quiesce.sh"), "#!/bin/sh\necho quiet\n");
    await chmod(join(folder, "quiesce.sh"), 0o755);
    expect((await callPlugin(command, { argv: ["./quiesce.sh"] }, { directory: folder })).said).toBe("quiet\n");
  });

  it("command tells facts, outcome and values by variables, its own over them, and nothing that is not known", async () => {
    const { said } = await shell(
      "env | grep -e ^MILVUS_BACKUP_ -e ^MINE | grep -v MILVUS_BACKUP_VALUES | sort",
      {
        facts: {
          on: "after",
          scope: "collection",
          collection: { database: "shop", name: "a" },
          values: { lock: "7; rm" },
        },
        outcome: { ...FAILED, before: "done" },
      },
      { env: { MINE: "1" } },
    );
    expect(said.trim().split("\n")).toEqual([
      "MILVUS_BACKUP_ACTION=backup",
      "MILVUS_BACKUP_ATTEMPT=1",
      "MILVUS_BACKUP_BACKUP=nightly_20261127_020000",
      "MILVUS_BACKUP_BEFORE=done",
      "MILVUS_BACKUP_BYTES=2048",
      "MILVUS_BACKUP_COLLECTION=shop.a",
      "MILVUS_BACKUP_COLLECTIONS=3",
      "MILVUS_BACKUP_COLLECTIONS_COMPLETE=1",
      "MILVUS_BACKUP_ERROR=Milvus does not answer",
      "MILVUS_BACKUP_ERROR_CODE=unreachable",
      "MILVUS_BACKUP_EXIT_STATUS=14",
      "MILVUS_BACKUP_HOOK=h",
      "MILVUS_BACKUP_ON=after",
      "MILVUS_BACKUP_POLICY=nightly",
      "MILVUS_BACKUP_ROWS=1234",
      "MILVUS_BACKUP_RUN_ID=20261127_020000_0a1b2c3d",
      "MILVUS_BACKUP_SCOPE=collection",
      "MILVUS_BACKUP_SOURCE=prod",
      "MILVUS_BACKUP_STATE=failed",
      "MILVUS_BACKUP_SUMMARY=Milvus does not answer",
      "MILVUS_BACKUP_TARGET=nas",
      "MILVUS_BACKUP_VALUE_lock=7; rm",
      "MINE=1",
    ]);
  });

  it("command tells the same as JSON on the standard input", async () => {
    expect(JSON.parse((await shell("cat")).said)).toEqual(FACTS);
    expect(JSON.parse((await shell("cat", { outcome: COMPLETE })).said)).toEqual({ ...FACTS, outcome: COMPLETE });
  });

  it("command does not mind when its input is not read, however long", async () => {
    expect(await shell("exit 0", { facts: { values: { long: "x".repeat(60_000) } } })).toEqual({
      answer: { values: {} },
      said: "",
    });
  });

  it("command gives values from the file that it is told, also when it skips", async () => {
    const write = `printf '{"lock":"7","n":1}' > "$MILVUS_BACKUP_VALUES"`;
    expect((await shell(write)).answer).toEqual({ values: { lock: "7", n: 1 } });
    expect((await shell(`${write}; exit 75`)).answer).toEqual({ skip: true, values: { lock: "7", n: 1 } });
  });

  it.each([
    ["exit 3", "exit status 3"],
    ["kill -9 $$", "ended by SIGKILL"],
    ["exit 62", "exit status 62"],
    [`echo secret > "$MILVUS_BACKUP_VALUES"`, "What it wrote to MILVUS_BACKUP_VALUES is not JSON"],
  ])("command fails with %s: %s", async (line, message) => {
    await expect(shell(line)).rejects.toThrow(message);
  });

  it("command that cannot be run says so", async () => {
    await expect(callPlugin(command, { argv: ["./there-is-none"] })).rejects.toThrow(
      "cannot run ./there-is-none (ENOENT)",
    );
    await writeFile(join(folder, "plain.txt"), "");
    const argv = [join(folder, "plain.txt")];
    await expect(callPlugin(command, { argv })).rejects.toThrow(`cannot run ${argv[0]} (EACCES)`);
  });

  it("command says what is printed on both streams, and characters that come in parts", async () => {
    const { said } = await shell("echo out; echo err >&2; printf '\\303'; sleep 0.1; printf '\\244'");
    expect(said.split("\n").toSorted()).toEqual(["err", "out", "ä"]);
  });

  it("command takes a flood of output without keeping it", async () => {
    let bytes = 0;
    const say = (text: string): void => void (bytes += text.length);
    await shell("head -c 100000000 /dev/zero", { say });
    expect(bytes).toBe(100_000_000);
    const used = process.memoryUsage().rss;
    expect(used).toBeLessThan(1024 * 1024 * 1024);
  });

  it("command is ended by SIGTERM when its time is up, with all that it has started", async () => {
    const controller = new AbortController();
    const line = "sleep 300 & echo $! >> polite; echo $$ >> polite; wait";
    const running = shell(line, { signal: controller.signal, directory: folder });
    const pids = await pidsIn("polite", 2);
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("ended by SIGTERM");
    await expectGone(pids);
  });

  it("command that ignores SIGTERM is ended by SIGKILL, with all that it has started", async () => {
    const controller = new AbortController();
    const line =
      "trap '' TERM; (sleep 300; true) & echo $! >> stubborn; echo $$ >> stubborn; while :; do sleep 1; done";
    const running = shell(line, { signal: controller.signal, directory: folder }, { killAfter: "100ms" });
    const pids = await pidsIn("stubborn", 2);
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("ended by SIGKILL");
    await expectGone(pids);
  });

  it("command leaves no process behind that holds its output, and does not wait for it", async () => {
    const { said } = await shell("sleep 300 & echo $! >> left; echo done", { directory: folder });
    expect(said).toBe("done\n");
    await expectGone(await pidsIn("left", 1));
  });

  it("command lets go on what has left its group", async () => {
    const line =
      "setsid sh -c 'echo $$ > daemon; exec sleep 300' & until [ -s daemon ]; do sleep 0.01; done; echo done";
    const { said } = await shell(line, { directory: folder });
    expect(said).toBe("done\n");
    const [pid = 0] = await pidsIn("daemon", 1);
    expect(process.kill(pid, 0)).toBe(true);
    process.kill(pid, "SIGKILL");
    await expectGone([pid]);
  });

  it("command begins nothing when its signal is aborted already", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(shell("touch begun", { signal, directory: folder })).rejects.toThrow("stopped");
    await expect(readFile(join(folder, "begun"))).rejects.toThrow("ENOENT");
  });

  it.each([
    [{}, "expected argv or shell"],
    [{ argv: ["a"], shell: "a" }, "expected argv or shell"],
    [{ shell: "a", killAfter: "1h" }, "expected a duration such as 500ms or 5s, at most 20s"],
    [{ shell: "a", env: { "A=B": "x" } }, "expected the name of a variable"],
  ])("command refuses the options %j", async (options, message) => {
    const { error } = command.options.safeParse(options);
    expect(JSON.stringify(error?.issues)).toContain(message);
  });
});
