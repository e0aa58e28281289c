import type { Source } from "../core/contracts/config.ts";
import type { Call } from "../plugin.ts";
import type { SecretStore } from "./secrets.ts";

/** What a source is connected with, in plain text: for the connection, and nothing that is shown or kept. */
export type RevealedAuth = { readonly username: string; readonly password: string } | { readonly token: string };

/** BackupError "invalid", without the value, when a secret cannot be had; undefined for a source without auth. */
export async function revealAuth(
  secrets: SecretStore,
  source: Source,
  call: Call = {},
): Promise<RevealedAuth | undefined> {
  const { auth, name } = source;
  if (auth === undefined) return undefined;
  const path = ["sources", name, "auth"];
  const { signal } = call;
  if ("token" in auth) return { token: await secrets.reveal(auth.token, { path: [...path, "token"], signal }) };
  const password = await secrets.reveal(auth.password, { path: [...path, "password"], signal });
  return { username: auth.username, password };
}
