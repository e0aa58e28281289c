import { Buffer } from "node:buffer";
import type { ProvidedSecret, Secret } from "../core/contracts/secret.ts";
import { BackupError } from "../core/errors.ts";
import { askProvider } from "./ask-provider.ts";
import type { SecretProviders } from "./check-options.ts";
import { type FetchedSecret, fetchSecret, type SecretPlaces } from "./fetch-secret.ts";
import { findSecrets, isProvidedSecret, replaceSecrets } from "./find-secrets.ts";
import { formatPath, type KeyPath } from "./problem.ts";
import { revealOptions } from "./reveal-options.ts";

interface SecretRequest {
  /** Where the secret stands, for the error when it cannot be had. */
  readonly path: KeyPath;
  readonly signal?: AbortSignal | undefined;
}

/** Fetches each secret when it is first needed and remembers it, so that output can be masked. */
export interface SecretStore {
  /** BackupError "invalid", without the value, when it cannot be had. */
  reveal(secret: Secret, request: SecretRequest): Promise<string>;
  /** The same options with every Secret in them revealed; the path is that of the options. */
  revealAll(options: unknown, request: SecretRequest): Promise<unknown>;
  /** The text with `***` for every secret revealed so far, also where it is escaped as in JSON or a URL, or in Base64. */
  mask(text: string): string;
}

export interface SecretSources extends SecretPlaces {
  /** None when absent. */
  readonly providers?: SecretProviders | undefined;
}

export function createSecretStore(sources: SecretSources): SecretStore {
  const revealed = new Map<string, string>();
  const mask: SecretStore["mask"] = (text) => maskAll(text, [...revealed.values()]);
  const reveal: SecretStore["reveal"] = async (secret, { path, signal }) => {
    signal?.throwIfAborted();
    const key = JSON.stringify(secret);
    const value = revealed.get(key) ?? (await get(secret, { path, signal }));
    signal?.throwIfAborted();
    if (typeof value !== "string") {
      throw new BackupError("invalid", mask(`${failureAt(path)}: ${value.fault}`), { hint: value.hint });
    }
    revealed.set(key, value);
    return value;
  };
  const revealAll: SecretStore["revealAll"] = async (options, { path, signal }) => {
    const values = new Map<Secret, string>();
    for (const found of findSecrets(options)) {
      values.set(found.secret, await reveal(found.secret, { path: [...path, ...found.path], signal }));
    }
    return replaceSecrets(options, (secret) => values.get(secret));
  };
  const store = { reveal, revealAll, mask };
  const get = (secret: Secret, request: SecretRequest): Promise<FetchedSecret> =>
    isProvidedSecret(secret)
      ? getProvided(secret, { ...request, sources, store })
      : fetchSecret(secret, sources, request.signal);
  return store;
}

function failureAt(path: KeyPath): string {
  return `Cannot get the secret ${formatPath(path)}`;
}

interface ProvidedRequest extends SecretRequest {
  readonly sources: SecretSources;
  readonly store: SecretStore;
}

/** The options of a provider may have secrets in them, as how to log in: these are fetched first. */
async function getProvided(
  { provider: name, ...options }: ProvidedSecret,
  { path, signal, sources, store }: ProvidedRequest,
): Promise<FetchedSecret> {
  const { providers, directory, env } = sources;
  const provider = providers?.get(name);
  if (provider === undefined) {
    return { fault: `there is no secret provider ${name}`, hint: "name its plugin in `plugins` of the config" };
  }
  const failure = `${failureAt(path)}: the secret provider ${name} cannot use its options`;
  const request = { options, path, failure, signal };
  const revealed = await revealOptions(store, provider.options, request);
  return askProvider(provider, revealed, { directory, env, signal });
}

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
