import type { Call, Storage } from "../core/contracts/storage.ts";
import { isHeld } from "../core/pin.ts";
import type { Pin } from "../core/pin.ts";
import { controlKeys } from "../format/keys.ts";
import { decodePin, encodePin } from "../format/pin.ts";
import { bytesBody } from "../io/body.ts";
import { readTextIfThere } from "../io/read-if-there.ts";
import { deleteKeys } from "./delete-backup.ts";
import type { BackupEntry } from "./entry.ts";

export interface PinCall extends Call {
  /** That by which pins expire. */
  readonly now?: (() => Date) | undefined;
}

/** The pins of a target that hold, by the backup's name: one listing, and a read for each pin. */
export async function listPins(storage: Storage, { now, ...call }: PinCall = {}): Promise<ReadonlyMap<string, Pin>> {
  const prefix = controlKeys.pin("_").slice(0, -1);
  const names: string[] = [];
  for await (const entry of storage.list(prefix, call)) {
    if (entry.kind === "object") names.push(entry.key.slice(prefix.length));
  }
  const pins = await Promise.all(
    names.map(async (name) => [name, await findPin(storage, name, { now, ...call })] as const),
  );
  return new Map(pins.flatMap(([name, pin]) => (pin === undefined ? [] : [[name, pin] as const])));
}

export function withPin(entry: BackupEntry, pin: Pin | undefined): BackupEntry {
  return pin === undefined ? entry : { ...entry, pinned: pin };
}

/** What holds the backup now; undefined when nothing does. */
export async function findPin(
  storage: Storage,
  backup: string,
  { now = () => new Date(), ...call }: PinCall = {},
): Promise<Pin | undefined> {
  const text = await readTextIfThere(storage, controlKeys.pin(backup), call);
  const pin = text === undefined ? undefined : decodePin(text);
  return pin && isHeld(pin, now().getTime()) ? pin : undefined;
}

/** Pins a backup; in place of an earlier pin. */
export async function writePin(
  storage: Storage,
  { backup, pin }: { readonly backup: string; readonly pin: Pin },
  call: Call = {},
): Promise<void> {
  await storage.write(controlKeys.pin(backup), bytesBody(encodePin(pin)), call);
}

/** Also when there is none. */
export async function removePin(storage: Storage, backup: string, call: Call = {}): Promise<void> {
  await deleteKeys(storage, [controlKeys.pin(backup)], call);
}
