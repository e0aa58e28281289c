import type { ProvidedSecret, Secret } from "../core/contracts/secret.ts";
import { mapData } from "./map-data.ts";
import { isMap } from "./plain-data.ts";
import type { KeyPath } from "./problem.ts";
import { PLACE_KEYS, secretSchema } from "./schema/secret.ts";

/** The secrets by reference in a plugin's options, with their paths. */
export function findSecrets(options: unknown): readonly { readonly path: KeyPath; readonly secret: Secret }[] {
  const found: { path: KeyPath; secret: Secret }[] = [];
  replaceSecrets(options, (secret, path) => {
    found.push({ path, secret });
    return secret;
  });
  return found;
}

/** The same options with something else for each secret. As a whole they are none, whatever an option is called. */
export function replaceSecrets(options: unknown, replace: (secret: Secret, path: KeyPath) => unknown): unknown {
  return mapData(options, (value, path) => (path.length > 0 && isSecret(value) ? replace(value, path) : undefined));
}

/** What secrets stand in, as paths of a config: in a collection's properties, say, the same shape is none. */
const HOLDERS = [
  "sources * auth|management",
  "storages *",
  "identities",
  "plugins * options",
  "policies * hooks * options|http|env",
  "policies * hooks * before|after options|http|env",
].map((path) => path.split(" ").map((keys) => keys.split("|")));

/** Whether what stands at this path of a config, as it is written or shown, is a secret. */
export function isSecretAt(path: KeyPath, value: unknown): value is Secret {
  const isInside = HOLDERS.some(
    (holder) =>
      path.length > holder.length && holder.every((keys, at) => keys[0] === "*" || keys.includes(String(path[at]))),
  );
  return isInside && isSecret(value);
}

export function isSecret(value: unknown): value is Secret {
  if (isProvidedSecret(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const isLike = PLACE_KEYS.some((key) => key in value); // the schema takes long over a map of many keys
  return isLike && secretSchema.safeParse(value).success;
}

/** By its shape alone: what else is in it is up to the provider. */
export function isProvidedSecret(value: unknown): value is ProvidedSecret {
  return isMap(value) && "provider" in value && typeof value.provider === "string" && value.provider !== "";
}
