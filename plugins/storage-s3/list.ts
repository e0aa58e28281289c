import type { ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { compareUtf8, StorageError, throwIfAborted } from "../../src/plugin.ts";
import type { ListEntry, ListOptions } from "../../src/plugin.ts";
import { within } from "./client.ts";
import type { Bucket } from "./client.ts";
import { guard } from "./errors.ts";
import { infoOf } from "./objects.ts";

/** Throws rather than end early or give keys out of order. */
export async function* listObjects(
  bucket: Bucket,
  prefix: string,
  options: ListOptions = {},
): AsyncGenerator<ListEntry, void, undefined> {
  let last = "";
  for await (const page of pagesOf(bucket, prefix, options)) {
    for (const entry of entriesOf(page).toSorted((a, b) => compareUtf8(nameOf(a), nameOf(b)))) {
      const name = nameOf(entry);
      if (name === last || !(await isAsked(bucket, entry, options))) continue;
      if (compareUtf8(name, last) < 0) throw broken(prefix, `"${last}" was listed before "${name}"`);
      last = name;
      yield entry;
    }
  }
}

async function* pagesOf(
  bucket: Bucket,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<ListObjectsV2CommandOutput> {
  const tokens = new Set<string>();
  let token: string | undefined;
  do {
    throwIfAborted(prefix, options.signal);
    const page = await pageOf(bucket, { prefix, token, ...options });
    yield page;
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
    if (page.IsTruncated && token === undefined) throw broken(prefix, "a page says that more follow, not where");
    if (token !== undefined && tokens.has(token)) throw broken(prefix, "a page leads back to an earlier one");
    if (token !== undefined) tokens.add(token);
  } while (token !== undefined);
}

interface PageRequest extends ListOptions {
  readonly prefix: string;
  readonly token: string | undefined;
}

function pageOf(
  bucket: Bucket,
  { prefix, token, delimiter, startAfter, signal }: PageRequest,
): Promise<ListObjectsV2CommandOutput> {
  const input = {
    Bucket: bucket.name,
    Prefix: prefix,
    Delimiter: delimiter,
    StartAfter: startAfter === undefined ? undefined : earlier(startAfter),
    ContinuationToken: token,
    EncodingType: "url", // XML cannot hold every key
  } as const;
  return guard({ action: "list", key: prefix, bucket: bucket.name }, () =>
    bucket.s3.listObjectsV2(input, within(signal)),
  );
}

/**
 * Some services (SeaweedFS) order keys as a file system does, "a/b" before "a-b", and would leave out what they think
 * comes before startAfter. Up to its first byte below "/" both orders agree; what is listed too much is dropped here.
 */
function earlier(startAfter: string): string {
  let end = 0;
  while (end < startAfter.length && startAfter.charAt(end) >= "/") end += 1;
  return startAfter.slice(0, end);
}

function entriesOf({ EncodingType, CommonPrefixes, Contents, Prefix = "" }: ListObjectsV2CommandOutput): ListEntry[] {
  const keyOf = (key: string | undefined): string => {
    if (key === undefined) throw broken(Prefix, "an entry has no key");
    return EncodingType === "url" ? decodeKey(key) : key;
  };
  const prefixes = (CommonPrefixes ?? []).map((entry): ListEntry => ({ kind: "prefix", prefix: keyOf(entry.Prefix) }));
  const objects = (Contents ?? [])
    .filter(({ Key, Size }) => !(Key?.endsWith("/") && Size === 0)) // what consoles leave for an empty folder
    .map(({ Key, Size = 0, ...reply }): ListEntry => ({ kind: "object", ...infoOf(keyOf(Key), Size, reply) }));
  return [...prefixes, ...objects];
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch (cause) {
    throw new StorageError("corrupt", `Cannot list "${key}": it is not encoded as a key`, { key, cause });
  }
}

async function isAsked(bucket: Bucket, entry: ListEntry, { startAfter, signal }: ListOptions): Promise<boolean> {
  const name = nameOf(entry);
  if (startAfter === undefined || compareUtf8(name, startAfter) > 0) return true;
  if (entry.kind === "object" || !startAfter.startsWith(name)) return false;
  const { done } = await listObjects(bucket, name, { startAfter, signal }).next();
  return !done;
}

function nameOf(entry: ListEntry): string {
  return entry.kind === "object" ? entry.key : entry.prefix;
}

function broken(prefix: string, reason: string): StorageError {
  const hint = "the service does not list as the S3 protocol says, so nothing can be said to be all there";
  return new StorageError("unsupported", `Cannot list "${prefix}": ${reason}`, { key: prefix, hint });
}
