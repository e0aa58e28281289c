import type { Auth } from "../core/contracts/secret.ts";
import type { Source } from "../core/contracts/source.ts";
import type { Call } from "../plugin.ts";
import type { KeyPath } from "./problem.ts";
import type { SecretStore } from "./secrets.ts";

/** What a source is connected with, in plain text: for the connection, and nothing that is shown or kept. */
export type RevealedAuth = { readonly username: string; readonly password: string } | { readonly token: string };

/** BackupError "invalid", without the value, when a secret cannot be had; undefined for a source without auth. */
export async function revealAuth(
  secrets: SecretStore,
  { auth, name }: Source,
  call: Call = {},
): Promise<RevealedAuth | undefined> {
  return await reveal(secrets, auth, { ...call, path: ["sources", name, "auth"] });
}

/** The same of its management port. */
export async function revealManagementAuth(
  secrets: SecretStore,
  { management, name }: Pick<Source, "management" | "name">,
  call: Call = {},
): Promise<RevealedAuth | undefined> {
  if (management === undefined || typeof management === "string") return undefined;
  return await reveal(secrets, management.auth, { ...call, path: ["sources", name, "management", "auth"] });
}

async function reveal(
  secrets: SecretStore,
  auth: Auth | undefined,
  { path, signal }: Call & { readonly path: KeyPath },
): Promise<RevealedAuth | undefined> {
  if (auth === undefined) return undefined;
  if ("token" in auth) return { token: await secrets.reveal(auth.token, { path: [...path, "token"], signal }) };
  const password = await secrets.reveal(auth.password, { path: [...path, "password"], signal });
  return { username: auth.username, password };
}
