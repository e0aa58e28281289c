import { Buffer } from "node:buffer";
import { hkdfSync, randomBytes } from "node:crypto";
import { openPayload, plainPayloadBytes, sealedPayloadBytes, sealPayload } from "./age-stream.ts";
import type { Whole } from "./age-stream.ts";
import { SealError } from "./seal-error.ts";

/** Its cryptography takes a tenth of a second to load, and most backups are not encrypted. */
const loadAge = () => import("age-encryption");

/** A key pair of age: what is sealed to the recipient, which is public, opens with the identity. */
export interface DataKey {
  readonly recipient: string;
  readonly identity: string;
}

export async function makeDataKey(): Promise<DataKey> {
  const { generateX25519Identity, identityToRecipient } = await loadAge();
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

export async function toDataKey(identity: string): Promise<DataKey> {
  const { identityToRecipient } = await loadAge();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** What age writes before the chunks for one X25519 recipient: the header, which has one length, and the nonce. */
const HEADER_BYTES = 168;
const NONCE_BYTES = 16;
const PREFIX_BYTES: number = HEADER_BYTES + NONCE_BYTES;
const EMPTY_PAYLOAD_BYTES = 16;

/** How long a file of so many bytes is when it is sealed to a data key. */
export function sealedBytes(bytes: number): number {
  return PREFIX_BYTES + sealedPayloadBytes(bytes);
}

/** How many bytes are in a sealed file of this length; undefined for a length that none has. */
export function plainBytes(bytes: number): number | undefined {
  return bytes < PREFIX_BYTES ? undefined : plainPayloadBytes(bytes - PREFIX_BYTES);
}

/** The age file of a whole, sealed with a file key of its own: it can be opened at any offset, any number of times. */
export async function sealFile(recipient: string, plain: Whole): Promise<Whole> {
  const { header, fileKey } = await makeHeader(recipient);
  const nonce = randomBytes(NONCE_BYTES);
  const key = payloadKey(fileKey, nonce);
  const prefix = Buffer.concat([header, nonce]);
  return {
    size: sealedBytes(plain.size),
    async *open(offset) {
      if (offset < prefix.length) yield prefix.subarray(offset);
      yield* sealPayload(key, plain, Math.max(0, offset - prefix.length));
    },
  };
}

/** The whole that is in an age file. SealErrors: "denied" for other identities, "damaged" for what is no such file. */
export async function openFile(identities: readonly string[], sealed: Whole): Promise<Whole> {
  const size = plainBytes(sealed.size);
  if (size === undefined) throw new SealError("damaged", "it is cut short, or longer than it was");
  const prefix = await readPrefix(sealed);
  const key = payloadKey(await openHeader(identities, prefix.subarray(0, HEADER_BYTES)), prefix.subarray(HEADER_BYTES));
  const payload: Whole = {
    size: sealed.size - PREFIX_BYTES,
    open: (offset) => sealed.open(offset + PREFIX_BYTES),
  };
  return { size, open: (offset) => openPayload(key, payload, offset) };
}

/** A small file for several recipients, which any age program can open. BackupErrors are the caller's to make. */
export async function sealBytes(recipients: readonly string[], bytes: Uint8Array): Promise<Uint8Array> {
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(bytes);
}

/** A SealError "denied" when none of the identities opens it. */
export async function openBytes(identities: readonly string[], bytes: Uint8Array): Promise<Uint8Array> {
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(bytes);
  } catch (cause) {
    throw toSealError(cause);
  }
}

/** Whether age can seal to it. */
export async function isRecipient(text: string): Promise<boolean> {
  const { Encrypter } = await loadAge();
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false; // age says so of everything else
  }
}

export async function isIdentity(text: string): Promise<boolean> {
  const { Decrypter } = await loadAge();
  try {
    new Decrypter().addIdentity(text);
    return true;
  } catch {
    return false; // age says so of everything else
  }
}

/** By sealing nothing: age makes file key and header, and tells the key only to those it seals to. */
async function makeHeader(recipient: string): Promise<{ readonly header: Uint8Array; readonly fileKey: Uint8Array }> {
  let fileKey: Uint8Array | undefined;
  const { Encrypter } = await loadAge();
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  encrypter.addRecipient(recipient);
  const file = await encrypter.encrypt(new Uint8Array());
  const header = file.subarray(0, file.length - NONCE_BYTES - EMPTY_PAYLOAD_BYTES);
  if (fileKey === undefined || header.length !== HEADER_BYTES)
    throw new TypeError("age made another header than it does");
  return { header, fileKey };
}

async function openHeader(identities: readonly string[], header: Uint8Array): Promise<Uint8Array> {
  const { Decrypter } = await loadAge();
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return await decrypter.decryptHeader(header);
  } catch (cause) {
    throw toSealError(cause);
  }
}

/** age has no codes for its errors. */
function toSealError(cause: unknown): SealError {
  const isOther = cause instanceof Error && cause.message.startsWith("no identity matched");
  if (isOther) return new SealError("denied", "it was sealed to others");
  return new SealError("damaged", "it is no age file, or not as it was sealed", { cause });
}

function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", fileKey, nonce, "payload", 32));
}

async function readPrefix(sealed: Whole): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of sealed.open(0, PREFIX_BYTES)) {
    parts.push(part);
    length += part.length;
    if (length >= PREFIX_BYTES) break;
  }
  if (length < PREFIX_BYTES) throw new SealError("damaged", "it is cut short");
  return Buffer.concat(parts).subarray(0, PREFIX_BYTES);
}
