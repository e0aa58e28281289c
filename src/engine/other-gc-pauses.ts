import { listGcPauses, removeGcPause } from "../catalog/gc-pauses.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { messageOf } from "../core/errors.ts";
import type { GcPauseRecord } from "../format/gc-pause-record.ts";
import { isGone } from "../io/process-identity.ts";
import type { Management } from "../milvus/management.ts";
import type { MilvusCall } from "../milvus/types.ts";

/** A run looks after its pause more often than this. */
const SILENT_MS = 11 * 60_000;

export interface OtherPauses {
  readonly storage: Storage;
  readonly management: Management;
  /** Whose own record is not another's. */
  readonly runId: string;
  readonly now: number;
}

/** A run that lives and has the same Milvus paused; undefined when there is none. */
export async function findLivePause(others: OtherPauses, call: Call): Promise<GcPauseRecord | undefined> {
  return (await listOthers(others, call)).live[0];
}

/**
 * Ends the pauses that dead runs have left of this Milvus, each once: what has ended by itself is forgotten. Gives back
 * what could not be ended, with the reason.
 */
export async function endDeadPauses(others: OtherPauses, call: MilvusCall): Promise<readonly string[]> {
  const { live, dead } = await listOthers(others, call);
  const isShared = live.length > 0;
  const failures: string[] = [];
  for (const record of dead) {
    try {
      if (Date.parse(record.until) > others.now) await endPauses(others.management, record.tickets, { isShared, call });
      await removeGcPause(others.storage, record.runId, call);
    } catch (error) {
      call.signal?.throwIfAborted();
      failures.push(
        `${record.runId}, which is dead, left garbage collection paused until ${record.until}: ${messageOf(error)}`,
      );
    }
  }
  return failures;
}

interface Ending {
  /** Another run needs what all have in common. */
  readonly isShared: boolean;
  readonly call: MilvusCall;
}

/** Ends the pauses with these tickets; the one without, which is everybody's, only when no other run needs it. */
export async function endPauses(
  management: Management,
  tickets: readonly (string | null)[],
  { isShared, call }: Ending,
): Promise<void> {
  for (const ticket of new Set(tickets)) {
    if (ticket === null && isShared) continue;
    await management.resumeGc(ticket ?? undefined, call);
  }
}

type Others = Readonly<Record<"live" | "dead", readonly GcPauseRecord[]>>;

async function listOthers({ storage, management, runId, now }: OtherPauses, { signal }: Call): Promise<Others> {
  const others: Record<keyof Others, GcPauseRecord[]> = { live: [], dead: [] };
  for (const record of await listGcPauses(storage, { signal })) {
    if (record.runId === runId || record.management !== management.url) continue;
    others[(await isDead(record, now)) ? "dead" : "live"].push(record);
  }
  return others;
}

/** On this machine a process can be looked up; of another one its silence tells. */
async function isDead({ left, aliveAt, process }: GcPauseRecord, now: number): Promise<boolean> {
  return left === true || now - Date.parse(aliveAt) > SILENT_MS || (await isGone(process));
}
