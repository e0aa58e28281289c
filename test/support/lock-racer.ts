/**
 * A process that contends for a target's locks, told by lines on stdin and telling by lines on stdout. Each call of its
 * storage waits until it may go on, so that whoever drives several of them decides in which order they interleave.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { local } from "../../plugins/storage-local/index.ts";
import { s3 } from "../../plugins/storage-s3/index.ts";
import { holdExclusiveLock } from "../../src/catalog/exclusive-lock.ts";
import { holdLease } from "../../src/catalog/lease.ts";
import type { Storage } from "../../src/core/contracts/storage.ts";
import { isBackupError } from "../../src/core/errors.ts";
import { identifyProcess } from "../../src/io/process-identity.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { gatedStorage } from "./gated-storage.ts";
import type { RacerOrder, RacerWord } from "./lock-racers.ts";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const [place = ""] = process.argv.slice(2);
await using target = await openPlace();

for (;;) {
  const line = await hear();
  if (line === undefined) break;
  await race(JSON.parse(line) as RacerOrder);
}

async function openPlace(): Promise<Storage> {
  const { type, ...options } = JSON.parse(place) as { readonly type: "local" | "s3" };
  if (type === "local") return await local.open(local.options.parse(options));
  return await s3.open(s3.options.parse(options));
}

/** Undefined when nothing more will come. */
async function hear(): Promise<string | undefined> {
  const { done, value } = await lines.next();
  return done ? undefined : value;
}

function say(word: RacerWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

/** Takes the lock and looks, as who is about to delete or to commit; holds it until everybody has. */
async function race(order: RacerOrder): Promise<void> {
  const gate = async (at: "call" | "look"): Promise<void> => {
    say({ at });
    if ((await hear()) === undefined) process.exit(0); // its driver is gone
  };
  const storage = gatedStorage(scopeStorage(target, order.prefix), () => gate("call"));
  try {
    await using lock = await hold(storage, order);
    await gate("look");
    const lookedAtMs = monotonicMs();
    await lock.guard();
    say({ at: "end", passed: { lookedAtMs, passedAtMs: monotonicMs() } });
    await hear();
    storage.open();
  } catch (error) {
    if (!isBackupError(error) || error.code !== "locked") throw error;
    say({ at: "end" });
    await hear();
  }
  say({ at: "over" });
}

async function hold(storage: Storage, { role, runId, staleMs }: RacerOrder) {
  const system = (await identifyProcess())?.system;
  const owner = { runId, kind: role, host: "racer", pid: process.pid, system, startedAt: new Date().toISOString() };
  const options = { owner, staleMs, refreshMs: 2 ** 30, onFailure: fail }; // nobody refreshes but by a look
  return role === "delete" ? await holdExclusiveLock(storage, options) : await holdLease(storage, options);
}

function fail(error: unknown): never {
  throw error;
}

/** Of the machine, so that what several processes tell can be compared. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
