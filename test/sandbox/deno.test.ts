/** The tool under Deno with the flags that the README tells: they are enough for each use, and none is too many. */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLimit } from "../../src/io/limit.ts";
import { createAll } from "../support/dataset.ts";
import { specOf } from "../support/dataset-specs.ts";
import { DENO, DENO_FLAGS, denoFlags } from "../support/deno.ts";
import { sandboxEnv } from "../support/sandbox.ts";
import { createWorkspace, reportOf, toDisk, type Workspace } from "../support/workspace.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { local, s3 } = sandboxEnv();
let workspace: Workspace;
/** What the words in capitals of the README's flags stand for. */
let places: Readonly<Record<string, string>>;

beforeAll(async () => {
  workspace = await createWorkspace(({ database }) => {
    const select = { include: [`${database("deno")}.*`] };
    return {
      policies: {
        disk: toDisk(...select.include),
        hooked: { ...toDisk(...select.include), hooks: [{ on: "before", shell: "exit 75" }] },
        bucket: { source: "s3", targets: [{ storage: "bucket-backups" }], select },
      },
    };
  });
  const TMP = join(workspace.path, "tmp");
  await mkdir(TMP);
  places = { TARGET: workspace.disk, DATA: local.root, TMP };
  const spec = { ...specOf("text_keys"), database: workspace.database("deno") };
  for (const { address } of [local, s3]) await createAll(address, [spec]);
}, 60_000);

afterAll(() => workspace[Symbol.asyncDispose](), 60_000);

interface Outcome {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function runDeno(flags: readonly string[], commandLine: string): Promise<Outcome> {
  const config = join(workspace.path, "milvus-backup.config.yaml");
  const words = ["run", "--no-prompt", ...flags, "src/cli.ts", ...commandLine.split(" ")];
  const env = { ...process.env, ...workspace.env, TMPDIR: places["TMP"], NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(DENO, [...words, "--config", config], { cwd: root, env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

/** The flags again and again, each time without one of the things that they permit, and the flag that this is of. */
function withoutOne(flags: readonly string[]): readonly { readonly name: string; readonly fewer: readonly string[] }[] {
  return flags.flatMap((flag, at) => {
    const [name = "", list = ""] = flag.split("=");
    return list.split(",").map((value) => {
      const kept = list.split(",").filter((other) => other !== value);
      return { name, fewer: flags.toSpliced(at, 1, ...(kept.length > 0 ? [`${name}=${kept.join(",")}`] : [])) };
    });
  });
}

/** Runs the command without each of the things permitted, or those of one flag: it must fail, and name that flag. */
async function expectNoneTooMany(flags: readonly string[], commandLine: string, only?: string): Promise<void> {
  const attempts = withoutOne(flags).filter(({ name }) => only === undefined || name === only);
  const limit = createLimit(2); // each is a process with a connection of its own
  const outcomes = attempts.map(({ fewer }) =>
    limit(async () => {
      const { status, stderr } = await runDeno(fewer, commandLine);
      const [, name = stderr] = /run again with the (\S+) flag/.exec(stderr) ?? [];
      return { name, fewer, hasFailed: status !== 0 };
    }),
  );
  expect(await Promise.all(outcomes)).toEqual(attempts.map((attempt) => ({ ...attempt, hasFailed: true })));
}

const READING = [
  { use: "validate", command: "validate", at: {} },
  { use: "list and get, from disk", command: "list --target disk", at: {} },
  { use: "list and get, from S3", command: "list --target bucket-backups", at: { S3: new URL(s3.endpoint).host } },
] as const;

describe("what only reads", () => {
  it.each(READING)("$use has enough in the README's flags, and not with one less", async ({ use, command, at }) => {
    const flags = denoFlags(use, { ...places, ...at });
    expect(await runDeno(flags, command)).toMatchObject({ status: 0, stderr: "" });
    await expectNoneTooMany(flags, command);
  });
});

const WORKING = [
  { from: "disk", policy: "disk", target: "disk", at: { MILVUS: local.address } },
  {
    from: "S3",
    policy: "bucket",
    target: "bucket-backups",
    at: { MILVUS: s3.address, S3: new URL(s3.endpoint).host },
  },
] as const;

describe.each(WORKING)("from $from to $from", ({ from, policy, target, at }) => {
  it("run, get and restore have enough in the README's flags, and not with one less", async () => {
    const running = denoFlags(`run, from ${from} to ${from}`, { ...places, ...at });
    const taken = await runDeno(running, `run ${policy} --json`);
    expect(taken).toMatchObject({ status: 0, stderr: "" });
    const { backup } = reportOf({ ...taken, stdout: taken.stdout.trimEnd(), status: 0 });
    const reading = denoFlags(`list and get, from ${from}`, { ...places, ...at });
    expect(await runDeno(reading, `get ${backup} --rows --target ${target}`)).toMatchObject({ status: 0, stderr: "" });
    const restoring = denoFlags(`restore, from ${from} to ${from}`, { ...places, ...at });
    const restore = `restore ${backup} --target ${target} --suffix`;
    expect(await runDeno(restoring, `${restore} _back --json`)).toMatchObject({ status: 0, stderr: "" });

    await expectNoneTooMany(running, `run ${policy}`);
    await expectNoneTooMany(restoring, `${restore} _no`, "--allow-write"); // the others are those of run
  });
});

it("a hook by shell needs --allow-run for all, since it ends what is left of it, and nothing of it is begun without", async () => {
  const flags = denoFlags("run, from disk to disk", { ...places, MILVUS: local.address });
  expect(await runDeno([...flags, "--allow-run"], "run hooked")).toMatchObject({ status: 75, stderr: "" });
  expect(await runDeno([...flags, "--allow-run=/bin/sh"], "run hooked")).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(
      /^error: The hook before-run-1 \(before run\) failed: Requires run access, run again with the --allow-run flag$/m,
    ),
  });
});

it("the README tells no flags that are not tried here, and -A in none of them", () => {
  const tried = [
    ...READING.map(({ use }) => use),
    ...["run", "restore"].flatMap((command) => WORKING.map(({ from }) => `${command}, from ${from} to ${from}`)),
  ];
  expect([...DENO_FLAGS.keys()].toSorted()).toEqual([...tried, "everything"].toSorted()); // spawnCli() has everything
});
