import { readFile } from "node:fs/promises";
import { execa } from "execa";
import type { Secret } from "../core/contracts/config.ts";
import { BackupError, messageOf } from "../core/errors.ts";
import { mapData } from "./map-data.ts";
import { resolvePath } from "./paths.ts";
import { formatPath, type KeyPath } from "./problem.ts";
import { secretSchema } from "./schema/secret.ts";
import type { Environment } from "./variables.ts";

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
  /** The text with `***` for every secret revealed so far, also where it is escaped as in JSON or a URL. */
  mask(text: string): string;
}

export interface SecretStoreOptions {
  /** What files and commands are relative to. */
  readonly directory: string;
  readonly env: Environment;
}

export function createSecretStore(options: SecretStoreOptions): SecretStore {
  const revealed = new Map<string, string>();
  const reveal: SecretStore["reveal"] = async (secret, { path, signal }) => {
    signal?.throwIfAborted();
    const key = JSON.stringify(secret);
    const value = revealed.get(key) ?? (await fetchSecret(secret, options, signal));
    signal?.throwIfAborted();
    if (typeof value !== "string")
      throw new BackupError("invalid", `Cannot get the secret ${formatPath(path)}: ${value.fault}`);
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
  const isLike = "env" in value || "file" in value || "command" in value; // the schema takes long over a map of many keys
  return isLike && secretSchema.safeParse(value).success;
}

type Fetched = string | { readonly fault: string };

async function fetchSecret(secret: Secret, options: SecretStoreOptions, signal?: AbortSignal): Promise<Fetched> {
  const value = await readSecret(secret, options, signal);
  return value === "" ? { fault: `${describe(secret)} is empty` } : value;
}

async function readSecret(secret: Secret, options: SecretStoreOptions, signal?: AbortSignal): Promise<Fetched> {
  if ("env" in secret) return options.env[secret.env] ?? { fault: `${describe(secret)} is not set` };
  if ("command" in secret) return runCommand(secret.command, options, signal);
  try {
    const text = await readFile(resolvePath(options.directory, secret.file), { encoding: "utf8", signal });
    return text.replace(/\r?\n$/, "");
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

const COMMAND_TIMEOUT_MS = 30_000;

/** Of a failure nothing that the command printed is told, since that may be the secret. */
async function runCommand(
  [file = "", ...args]: readonly string[],
  { directory, env }: SecretStoreOptions,
  signal?: AbortSignal,
): Promise<Fetched> {
  const result = await execa(file, args, {
    cwd: directory,
    env: { ...env },
    extendEnv: false,
    stdin: "ignore",
    stderr: "ignore",
    timeout: COMMAND_TIMEOUT_MS,
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  if (!result.failed) return result.stdout;
  if (result.timedOut) return { fault: `the command ${file} took more than ${COMMAND_TIMEOUT_MS / 1000} s` };
  if (result.exitCode === undefined)
    return { fault: `the command ${file} cannot be run (${result.code ?? result.signal})` };
  return { fault: `the command ${file} ended with exit status ${result.exitCode}` };
}

function describe(secret: Secret): string {
  if ("env" in secret) return `the environment variable ${secret.env}`;
  return "file" in secret ? `the file ${secret.file}` : `what the command ${secret.command[0]} prints`;
}

/** A shorter secret is part of too many words: masking it would spoil the output and give it away all the same. */
const MIN_MASKED_LENGTH = 4;

function maskAll(text: string, secrets: readonly string[]): string {
  const long = secrets.filter((secret) => secret.length >= MIN_MASKED_LENGTH);
  const forms = long
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .toSorted((a, b) => b.length - a.length); // the longest first: one may be part of another
  return forms.reduce((masked, form) => masked.replaceAll(form, "***"), text);
}
