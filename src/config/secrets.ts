import { Buffer } from "node:buffer";
import type { Secret } from "../core/contracts/config.ts";
import { BackupError } from "../core/errors.ts";
import { fetchSecret, type SecretPlaces } from "./fetch-secret.ts";
import { mapData } from "./map-data.ts";
import { formatPath, type KeyPath } from "./problem.ts";
import { secretSchema } from "./schema/secret.ts";

interface SecretRequest {
  /** Where the secret stands, for the error when it cannot be had. */
  readonly path: KeyPath;
  readonly signal?: AbortSignal | undefined;
}

/** Fetches each secret when it is first needed and remembers it, so that output can be masked. */
export interface SecretStore {
  /** BackupError "invalid", without the value, when it cannot be had. */
  reveal(secret: Secret, request: SecretRequest): Promise<string>;
  /** The same plain data with every Secret in it revealed; the path is that of the data. */
  revealAll(data: unknown, request: SecretRequest): Promise<unknown>;
  /** The text with `***` for every secret revealed so far, also where it is escaped as in JSON or a URL, or in Base64. */
  mask(text: string): string;
}

export function createSecretStore(places: SecretPlaces): SecretStore {
  const revealed = new Map<string, string>();
  const reveal: SecretStore["reveal"] = async (secret, { path, signal }) => {
    signal?.throwIfAborted();
    const key = JSON.stringify(secret);
    const value = revealed.get(key) ?? (await fetchSecret(secret, places, signal));
    signal?.throwIfAborted();
    if (typeof value !== "string") {
      const message = `Cannot get the secret ${formatPath(path)}: ${value.fault}`;
      throw new BackupError("invalid", message, { hint: value.hint });
    }
    revealed.set(key, value);
    return value;
  };
  const revealAll: SecretStore["revealAll"] = async (data, { path, signal }) => {
    const values = new Map<unknown, string>();
    for (const found of findSecrets(data)) {
      values.set(found.secret, await reveal(found.secret, { path: [...path, ...found.path], signal }));
    }
    return mapData(data, (value) => values.get(value));
  };
  return { reveal, revealAll, mask: (text) => maskAll(text, [...revealed.values()]) };
}

/** The secrets by reference in plain data, with their paths. */
export function findSecrets(data: unknown): readonly { readonly path: KeyPath; readonly secret: Secret }[] {
  const found: { path: KeyPath; secret: Secret }[] = [];
  mapData(data, (value, path) => {
    if (!isSecret(value)) return undefined;
    found.push({ path, secret: value });
    return value;
  });
  return found;
}

export function isSecret(value: unknown): value is Secret {
  if (typeof value !== "object" || value === null) return false;
  const isLike = KINDS.some((kind) => kind in value); // the schema takes long over a map of many keys
  return isLike && secretSchema.safeParse(value).success;
}

const KINDS = ["env", "file", "command", "credential", "dockerSecret"];

/** A shorter secret is part of too many words: masking it would spoil the output and give it away all the same. */
const MIN_MASKED_LENGTH = 4;

function maskAll(text: string, secrets: readonly string[]): string {
  const long = secrets.filter((secret) => secret.length >= MIN_MASKED_LENGTH).toSorted((a, b) => b.length - a.length); // the longest first: one may be part of another
  const forms = long.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const masked = forms.reduce((rest, form) => rest.replaceAll(form, "***"), text);
  return long.flatMap(toBase64).reduce((rest, form) => rest.replaceAll(form, "***"), masked);
}

/** Shorter pieces of Base64 are part of too many words. */
const MIN_BASE64_LENGTH = 6;

/** What finds a word of Base64 with the secret in it: the letters are others by what stands before, as user and colon. */
function toBase64(secret: string): readonly RegExp[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.from(" ".repeat(before) + secret);
    const own = bytes.toString("base64").slice(before && before + 1, Math.floor((bytes.length * 8) / 6));
    const letters = own.replaceAll("+", "[+]");
    return own.length < MIN_BASE64_LENGTH ? [] : [new RegExp(`[\\w+/]*${letters}[\\w+/]*=*`, "g")];
  });
}
