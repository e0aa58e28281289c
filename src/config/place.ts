import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { BackupError } from "../core/errors.ts";
import { findStorage } from "./find.ts";
import { isSecretKey } from "./literal-secrets.ts";
import { resolvePath } from "./paths.ts";
import type { ResolvedConfig } from "./resolve.ts";

/**
 * The storage that a flag names: by its name in the config, as a path (with a "/", or starting with "." or "~"), or as
 * `s3://bucket/prefix?endpoint=…&region=…&pathStyle=…`, whose credentials come from the environment only. BackupError
 * "not-found" for a name that is none, "usage" for what is no place.
 */
export function findPlace(config: ResolvedConfig, text: string, cwd: string): StorageSettings {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return parseUrl(text);
  const isPath = text.includes("/") || /^[.~]/.test(text);
  if (!isPath) return findStorage(config, text);
  const path = resolvePath(cwd, text);
  return { name: path, type: "local", prefix: "", readableByMilvus: false, options: { path } };
}

/** The URL itself is never quoted, since it may hold a password. */
function parseUrl(text: string): StorageSettings {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const path = url && decodePath(url.pathname);
  if (url?.protocol !== "s3:" || url.hostname === "" || path === undefined) {
    throw new BackupError("usage", "Cannot read the place: a URL is s3://bucket/prefix", {
      hint: "for another kind of storage name one of a config; a local path needs no scheme",
    });
  }
  refuseCredentials(url);
  const options = Object.fromEntries(Array.from(url.searchParams, ([key, value]) => [key, toOption(value)]));
  const prefix = path.replaceAll(/^\/+|\/+$/g, "");
  const name = `s3://${url.hostname}`; // what a target is called has the prefix behind it
  const { pathStyle, ...others } = options;
  const style = pathStyle === undefined ? {} : { forcePathStyle: pathStyle };
  return { name, type: "s3", prefix, readableByMilvus: false, options: { ...others, ...style, bucket: url.hostname } };
}

function refuseCredentials(url: URL): void {
  const hasSecret = [...url.searchParams.keys()].some(isSecretKey);
  if (url.username === "" && url.password === "" && !hasSecret) return;
  throw new BackupError("usage", "Cannot use a place with credentials in it", {
    hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a storage of a config",
  });
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined; // a "%" that escapes nothing
  }
}

function toOption(value: string): string | boolean {
  return value === "true" || value === "false" ? value === "true" : value;
}
