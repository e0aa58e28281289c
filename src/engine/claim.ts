import { isStorageError } from "../core/contracts/storage.ts";
import type { Call, Storage } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import { controlKeys } from "../format/keys.ts";
import { decodeRunClaim, encodeRunClaim } from "../format/run-record.ts";
import type { RunClaim } from "../format/run-record.ts";
import { bytesBody, readBytes } from "../io/body.ts";
import { objectsIn } from "../io/list-objects.ts";
import { identifyProcess } from "../io/process-identity.ts";
import { CLAIMS } from "./run-state.ts";

/** The newest claim on an unfinished backup. */
export interface FoundClaim extends RunClaim {
  readonly number: number;
}

/** Who made it last; the run that began it when nobody said so. */
export async function findClaim(storage: Storage, runId: string, call: Call): Promise<FoundClaim> {
  const root = controlKeys.run(runId, CLAIMS);
  let last: string | undefined;
  for await (const { key } of objectsIn(storage, root, call)) last = key;
  if (last === undefined) return { number: 0, runId };
  const claim = decodeRunClaim(await readBytes((await storage.read(last, call)).body), last);
  return { number: Number(last.slice(root.length).split(".")[0]), ...claim };
}

export interface Claiming extends Call {
  /** The run that began the backup. */
  readonly of: string;
  /** The run that makes it now. */
  readonly by: string;
  /** One more than the claim that was found dead. */
  readonly number: number;
}

/** Says that this run makes the backup now; BackupError "locked" when another one said so first. */
export async function claimRun(storage: Storage, { of, by, number, signal }: Claiming): Promise<void> {
  const key = controlKeys.run(of, `${CLAIMS}${String(number).padStart(6, "0")}.json`);
  const claim = encodeRunClaim({ runId: by, process: await identifyProcess() });
  try {
    await storage.write(key, bytesBody(claim), { signal, ifAbsent: storage.capabilities.ifAbsent });
  } catch (error) {
    if (!isStorageError(error, "precondition")) throw error; // also of an own write whose reply was lost: read below
  }
  const written = decodeRunClaim(await readBytes((await storage.read(key, { signal })).body), key);
  if (written.runId === by) return;
  throw new BackupError("locked", `Cannot resume the backup of the run ${of}: the run ${written.runId} was faster`, {
    hint: "wait for its end",
  });
}
