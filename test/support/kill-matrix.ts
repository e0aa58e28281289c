/** What must hold wherever a run was killed: of two collections of the sandbox, to a local target and to a bucket. */
import { expect } from "vitest";
import type { CollectionSummary } from "../../src/core/contracts/library.ts";
import { toBackupName } from "../../src/format/backup-name.ts";
import { pollUntil } from "../../src/io/poll-until.ts";
import { createAll } from "./dataset.ts";
import { specOf } from "./dataset-specs.ts";
import type { KilledRun, RequestWatch } from "./kill-run.ts";
import { startS3Proxy } from "./s3-proxy.ts";
import { sandboxEnv } from "./sandbox.ts";
import { createWorkspace, eventsOf, reportOf, toDisk } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

export interface KillSetting extends RequestWatch, AsyncDisposable {
  readonly workspace: Workspace;
  /** What the two collections are called. */
  readonly home: string;
  /** Backups that are whole, and have to stay it. */
  readonly whole: Set<string>;
  /** What the backups hold that nothing disturbed: policy nightly is on disk, remote in a bucket. */
  readonly expected: readonly CollectionSummary[];
  /** How many have been made, to give each a name of its own. */
  restores: number;
}

/** A source, two policies, and one whole backup of each. */
export async function openKillSetting(): Promise<KillSetting> {
  const { local, s3 } = sandboxEnv();
  const setting: RequestWatch = { onRequest: undefined };
  const proxy = await startS3Proxy(s3.endpoint, () => {
    setting.onRequest?.();
    return undefined;
  });
  const workspace = await createWorkspace(({ database }) => {
    const { storages, ...place } = throughProxy(proxy.endpoint);
    const remote = { ...toDisk(`${database("home")}.*`), targets: [place] };
    return { storages, limits: { objects: 2 }, policies: { nightly: toDisk(`${database("home")}.*`), remote } };
  });
  const home = workspace.database("home");
  await createAll(
    local.address,
    ["a", "b"].map((name) => ({ ...specOf("shared"), database: home, name })),
  );
  const { backup } = reportOf(await workspace.milvusBackup("run nightly --json"));
  const expected = await summaryOf(workspace, backup, "disk");
  const remote = reportOf(await workspace.milvusBackup("run remote --json")).backup;
  return Object.assign(setting, {
    workspace,
    home,
    expected,
    restores: 0,
    whole: new Set([backup, remote]),
    [Symbol.asyncDispose]: async () => {
      for (const { name } of await listIn(workspace, "proxied")) {
        await workspace.milvusBackup(`delete ${name} --target proxied --yes`);
      }
      await workspace[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  });
}

function throughProxy(endpoint: string) {
  const { s3 } = sandboxEnv();
  const credentials = { accessKeyId: s3.key, secretAccessKey: { env: "SANDBOX_S3_SECRET" } };
  const prefix = `killed_${Date.now()}`;
  return {
    storage: "proxied",
    storages: { proxied: { type: "s3", endpoint, bucket: s3.bucket, prefix, credentials } },
  };
}

interface Listed {
  readonly name: string;
  readonly state: string;
  readonly reason?: string;
}

async function listIn(workspace: Workspace, target: string): Promise<readonly Listed[]> {
  return JSON.parse((await workspace.milvusBackup(`list --target ${target} --json`)).stdout) as readonly Listed[];
}

async function summaryOf(workspace: Workspace, backup: string, target: string): Promise<readonly CollectionSummary[]> {
  const { status, stdout } = await workspace.milvusBackup(`get ${backup} --target ${target} --rows --json`);
  expect(status).toBe(0);
  const { collections } = JSON.parse(stdout) as { readonly collections: readonly CollectionSummary[] };
  return collections.map(({ database, name, rows, live }) => ({ database, name, rows, live })) as never; // what the reader of logs says
}

export interface Killing {
  readonly policy: AfterKill["policy"];
  /** Kills a run of the policy at its nth point; not there where the run has fewer. */
  readonly kill: (nth: number) => Promise<KilledRun>;
}

/** At one point after another, until a run comes to its end: how many there were, and after how many the next run went on. */
export async function killEverywhere(
  setting: KillSetting,
  { policy, kill }: Killing,
): Promise<{ readonly points: number; readonly resumed: number }> {
  let resumed = 0;
  for (let nth = 1; ; nth += 1) {
    const killed = await kill(nth);
    if (!killed.wasKilled) {
      for (const name of begunBy(killed)) setting.whole.add(name);
      return { points: nth - 1, resumed };
    }
    const restoreAs = `r${setting.restores}`;
    setting.restores += 1;
    if (await expectSurvival(setting, { policy, killed, restoreAs })) resumed += 1;
  }
}

function begunBy({ events }: KilledRun): readonly string[] {
  return events.flatMap((event) => (event.type === "plan.made" ? [event.plan.backup] : []));
}

export interface AfterKill {
  readonly policy: "nightly" | "remote";
  readonly killed: KilledRun;
  /** Restore a collection of it as well, under this name. */
  readonly restoreAs?: string | undefined;
}

/**
 * After a kill: nothing is whole that was not committed; the next run goes on with what was left or takes a new backup,
 * and is complete with the same rows; the run that was killed leaves no state. Gives back whether it was resumed.
 */
export async function expectSurvival(
  { workspace, expected, home, whole }: KillSetting,
  { policy, killed, restoreAs }: AfterKill,
): Promise<boolean> {
  const target = policy === "nightly" ? "disk" : "proxied";
  const begun = begunBy(killed);
  if (killed.events.some(({ type }) => type === "backup.committed")) begun.forEach((name) => whole.add(name));
  for (const { name, state, reason } of await listIn(workspace, target)) {
    const states = whole.has(name) ? ["complete"] : ["running", "interrupted"]; // running until its lease has run out
    if (begun.includes(name)) states.push("complete"); // killed when it was committed, before it could say so
    expect([name, state, reason]).toEqual([name, expect.toBeOneOf(states), reason]);
    if (state === "complete") whole.add(name);
  }
  await nextSecond(policy, begun);
  const result = await workspace.milvusBackup(`run ${policy} --json`);
  const report = reportOf(result);
  expect([report.state, report.warnings]).toEqual(["complete", []]);
  whole.add(report.backup);
  expect(await summaryOf(workspace, report.backup, target)).toEqual(expected);
  if (restoreAs !== undefined) {
    const to = `${workspace.database("restored")}.${restoreAs}`; // in one database: a Milvus has 64 at most
    const rename = `--collections ${home}.a --rename ${home}.a:${to}`;
    const restored = await workspace.milvusBackup(`restore ${report.backup} --target ${target} ${rename}`);
    expect([restored.status, restored.stderr]).toEqual([0, ""]);
  }
  const notices = eventsOf(result).flatMap((event) => (event.type === "notice" ? [event.message] : []));
  const isResumed = notices.some((notice) => notice.includes("is resumed"));
  expect(begun.includes(report.backup)).toBe(isResumed);
  return isResumed;
}

/** A backup is named after its second: a run that is started again at once would find its name taken. */
async function nextSecond(policy: string, taken: readonly string[]): Promise<void> {
  const isFree = async (): Promise<true | undefined> =>
    taken.includes(toBackupName(policy, new Date())) ? undefined : true;
  await pollUntil(isFree, { what: "the next second", intervalMs: 50 });
}
