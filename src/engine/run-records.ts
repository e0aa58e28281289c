import { isReadOnly } from "../catalog/read-locks.ts";
import { isKnownTarget, writeRunEntry } from "../catalog/run-history.ts";
import type { Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";
import type { RunEntry } from "../core/run-entry.ts";
import type { ClosedTarget, OpenTarget } from "./places.ts";

/** The records of one run: where they are, and why not elsewhere. */
export interface RunRecords {
  /** Of targets where it is not recorded as it ended. */
  warnings(): readonly string[];
  /** Whether the run got through to a target, if not with its record. */
  isReached(target: string): boolean;
  /** Into a target that is open. */
  put(target: Pick<OpenTarget, "name" | "storage">, entry: RunEntry): Promise<void>;
  /** Into one that is opened for it and that the run has written to. */
  putClosed(target: ClosedTarget, entry: RunEntry): Promise<void>;
  /** Into one that may not be what it was, such as a disk that is not mounted: not there, and not where that is recorded. */
  putKnown(target: ClosedTarget, entry: RunEntry): Promise<void>;
}

/** A record is small: a target that does not take it by then has its report without it. */
const DEADLINE_MS = 15_000;

export function createRunRecords({ now, mask }: { now(): Date; mask(text: string): string }): RunRecords {
  const recorded = new Map<string, string>();
  const warnings = new Map<string, string>();
  const write = async (name: string, storage: Storage, entry: RunEntry): Promise<void> => {
    await writeRunEntry(storage, entry, { now: now(), signal: soon() });
    recorded.set(name, essenceOf(entry));
    warnings.delete(name);
  };
  const warn = (name: string, error: unknown): void => {
    warnings.set(name, mask(`The run could not be recorded in ${name}: ${messageOf(error)}`));
  };
  const keep = async (name: string, entry: RunEntry, work: () => Promise<void>): Promise<void> => {
    if (!recorded.has(name)) recorded.set(name, "");
    try {
      await work();
    } catch (error) {
      if (isReadOnly(error) && entry.action !== "backup") return; // who only reads leaves nothing there
      warn(name, error); // whatever it is: a backup that is whole stays so
    }
  };
  return {
    warnings: () => [...warnings.values()],
    isReached: (target) => recorded.has(target),
    put: ({ name, storage }, entry) => keep(name, entry, () => write(name, storage, entry)),
    putClosed: (target, entry) =>
      keep(target.name, entry, async () => {
        await using opened = await target.open();
        await write(target.name, opened.storage, entry);
      }),
    putKnown: async (target, entry) => {
      const { name } = target;
      if (recorded.get(name) === essenceOf(entry)) return;
      const opened = await openKnown(target, warn);
      if (opened === undefined) return;
      await keep(name, entry, async () => {
        await using place = opened;
        await write(name, place.storage, entry);
      });
    },
  };
}

/** Undefined for what cannot be looked at, or is no target of ours: a run that did not get there has nothing to tell there. */
async function openKnown(
  target: ClosedTarget,
  warn: (name: string, error: unknown) => void,
): Promise<OpenTarget | undefined> {
  let opened: OpenTarget | undefined;
  try {
    opened = await target.open();
    if (await isKnownTarget(opened.storage, { signal: soon() })) return opened;
  } catch (error) {
    if (toEventError(error).code === "bug") warn(target.name, error);
  }
  await opened?.[Symbol.asyncDispose]();
  return undefined;
}

/** Also of a run that was stopped. */
function soon(): AbortSignal {
  return AbortSignal.timeout(DEADLINE_MS);
}

/** All that decides how a run counts. */
function essenceOf({ state, exitStatus }: RunEntry): string {
  return `${state} ${exitStatus}`;
}
