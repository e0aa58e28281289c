import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProvidedSecret, Secret } from "../core/contracts/secret.ts";
import { messageOf } from "../core/errors.ts";
import { resolvePath } from "./paths.ts";
import type { Environment } from "./variables.ts";

/** A secret that the tool itself looks up. */
export type PlacedSecret = Exclude<Secret, ProvidedSecret>;

/** Where secrets are looked for. */
export interface SecretPlaces {
  /** What files and commands are relative to. */
  readonly directory: string;
  readonly env: Environment;
  /** The folder of Docker's secrets; /run/secrets when absent. */
  readonly dockerSecrets?: string | undefined;
}

/** The secret, or why it cannot be had, without anything of it, and what to do. */
export type FetchedSecret = string | { readonly fault: string; readonly hint: string };

export async function fetchSecret(
  secret: PlacedSecret,
  places: SecretPlaces,
  signal?: AbortSignal,
): Promise<FetchedSecret> {
  const value = await readSecret(secret, places, signal);
  return value === "" ? { fault: `${describe(secret)} is empty`, hint: PUT_IT_THERE } : value;
}

const PUT_IT_THERE = "put the secret there, or name another place for it in the config";

function readSecret(
  secret: PlacedSecret,
  places: SecretPlaces,
  signal?: AbortSignal,
): FetchedSecret | Promise<FetchedSecret> {
  const { directory, env, dockerSecrets = "/run/secrets" } = places;
  const from = (path: string): Promise<FetchedSecret> => readSecretFile(path, describe(secret), signal);
  if ("env" in secret) return env[secret.env] ?? notSet(secret.env);
  if ("command" in secret) return runCommand(secret.command, places, signal);
  if ("file" in secret) return from(resolvePath(directory, secret.file));
  if ("dockerSecret" in secret) return from(join(dockerSecrets, secret.dockerSecret));
  const credentials = env["CREDENTIALS_DIRECTORY"];
  if (credentials !== undefined) return from(join(credentials, secret.credential));
  return {
    fault: `${describe(secret)} is not there, since CREDENTIALS_DIRECTORY is not set`,
    hint: `start this by a systemd unit with LoadCredential=${secret.credential}:PATH, or name another place for it in the config`,
  };
}

function notSet(name: string): FetchedSecret {
  return {
    fault: `the environment variable ${name} is not set`,
    hint: `set ${name}, or name another place for it in the config`,
  };
}

async function readSecretFile(path: string, subject: string, signal?: AbortSignal): Promise<FetchedSecret> {
  try {
    const text = await readFile(path, { encoding: "utf8", signal });
    return text.replace(/\r?\n$/, "");
  } catch (error) {
    return { fault: `${subject} cannot be read: ${messageOf(error)}`, hint: PUT_IT_THERE };
  }
}

const COMMAND_TIMEOUT_MS = 30_000;

/** Of a failure nothing that the command printed is told, since that may be the secret. */
async function runCommand(
  [file = "", ...args]: readonly string[],
  { directory, env }: SecretPlaces,
  signal?: AbortSignal,
): Promise<FetchedSecret> {
  const { execa } = await import("execa"); // 120 modules, for the few who keep secrets so
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
  const hint = `see in ${directory} that the command prints the secret, and ends with 0`;
  if (!result.failed) return result.stdout;
  if (result.timedOut) return { fault: `the command ${file} took more than ${COMMAND_TIMEOUT_MS / 1000} s`, hint };
  if (result.exitCode === undefined) {
    return { fault: `the command ${file} cannot be run (${result.code ?? result.signal})`, hint };
  }
  return { fault: `the command ${file} ended with exit status ${result.exitCode}`, hint };
}

/** By its reference. */
function describe(secret: PlacedSecret): string {
  if ("env" in secret) return `the environment variable ${secret.env}`;
  if ("file" in secret) return `the file ${secret.file}`;
  if ("credential" in secret) return `the systemd credential ${secret.credential}`;
  if ("dockerSecret" in secret) return `the Docker secret ${secret.dockerSecret}`;
  return `what the command ${secret.command[0]} prints`;
}
