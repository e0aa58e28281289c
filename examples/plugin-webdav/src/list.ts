import { compareUtf8, throwIfAborted } from "milvus-backup/plugin";
import type { ListEntry, ListOptions, ObjectInfo } from "milvus-backup/plugin";
import type { Client } from "./client.ts";
import type { Entry } from "./multistatus.ts";
import { isUploadName } from "./upload-name.ts";

/** Every object whose key begins with the prefix, in UTF-8 byte order. */
export async function* listObjects(
  client: Client,
  prefix: string,
  options: ListOptions = {},
): AsyncGenerator<ListEntry> {
  const { delimiter, startAfter = "" } = options;
  let folded: string | undefined;
  for await (const info of walk(client, prefix.split("/").slice(0, -1).join("/"), { ...options, prefix })) {
    if (!info.key.startsWith(prefix) || compareUtf8(info.key, startAfter) <= 0) continue;
    const fold = foldOf(info.key, prefix, delimiter);
    if (fold === undefined) yield { kind: "object", ...info };
    else if (fold !== folded) yield { kind: "prefix", prefix: fold };
    folded = fold;
  }
}

/** The key up to the next delimiter, when there is one. */
function foldOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + 1);
}

async function* walk(
  client: Client,
  folder: string,
  { prefix, ...call }: ListOptions & { readonly prefix: string },
): AsyncGenerator<ObjectInfo> {
  throwIfAborted(prefix, call.signal);
  const entries = await client.readFolder(folder, call);
  for (const entry of entries.toSorted((a, b) => compareUtf8(orderOf(a), orderOf(b)))) {
    if (isUploadName(entry.key)) continue;
    if (entry.kind === "object") yield entry.info;
    else if (mayHold(`${entry.key}/`, prefix)) yield* walk(client, entry.key, { prefix, ...call });
  }
}

/** The keys below a folder begin with its name and a slash, and so stand before `a0` and after `a-b`. */
function orderOf({ kind, key }: Entry): string {
  return kind === "folder" ? `${key}/` : key;
}

function mayHold(folder: string, prefix: string): boolean {
  return folder.startsWith(prefix) || prefix.startsWith(folder);
}
