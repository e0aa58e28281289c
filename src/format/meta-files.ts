import { BackupError } from "../core/errors.ts";
import { damaged } from "./damaged.ts";
import { decodeMessage } from "./decode-message.ts";
import type { JsonText } from "./json-cursor.ts";
import { META_KEYS } from "./keys.ts";
import type { Message } from "./message.ts";
import { FULL, LEVEL } from "./messages.ts";
import type { BackupHead } from "./meta.ts";
import { splitList } from "./split-list.ts";
import { gather } from "./utf8.ts";

/**
 * Opens a file of a backup by its key relative to the backup's directory; undefined when there is no such file. The
 * chunks are kept for a while: they must not change after they were given.
 */
export type OpenFile = (key: string) => Promise<AsyncIterable<Uint8Array> | undefined>;

/** What backup_meta.json says: cheap, for lists of backups. Undefined when there is no such file. */
export async function readHead(open: OpenFile): Promise<BackupHead | undefined> {
  const file = META_KEYS.backup;
  const chunks = await open(file);
  if (chunks === undefined) return undefined;
  const content = gather({ file, offset: 0 });
  for await (const chunk of chunks) content.push(chunk);
  return decodeHead({ text: content.text(), file, offset: 0 });
}

/** The texts of full_meta.json's collections. */
export function splitFull(
  chunks: AsyncIterable<Uint8Array>,
  checkRest: (rest: JsonText) => void,
): AsyncIterable<JsonText> {
  return splitList(chunks, { file: META_KEYS.full, key: "collection_backups" }, checkRest);
}

/** What a level file lists; a BackupError when there is no such file. */
export async function* readLevel<E>(open: OpenFile, file: string, element: Message<E>): AsyncGenerator<E> {
  const chunks = await open(file);
  if (chunks === undefined) throw missing(file);
  for await (const text of splitList(chunks, { file, key: "infos" }, checkLevel)) yield decodeMessage(element, text);
}

function missing(file: string): BackupError {
  return new BackupError("damaged", `Cannot read the backup: ${META_KEYS.full} is missing, and so is ${file}`, {
    hint: "Whoever wrote it was interrupted, or the file was deleted since",
    facts: { file },
  });
}

/** What full_meta.json has besides collections, or the whole of backup_meta.json. */
export function decodeHead(text: JsonText): BackupHead {
  const { collection_backups: uncut = [], ...head } = decodeMessage(FULL, text);
  return refuseUncut(text, uncut, head);
}

function checkLevel(text: JsonText): void {
  const { infos = [] } = decodeMessage(LEVEL, text);
  refuseUncut(text, infos, undefined);
}

/** Only an escape within the list's key hides it from the splitter. */
function refuseUncut<T>({ file }: JsonText, uncut: readonly object[], value: T): T {
  if (uncut.length > 0) throw damaged({ file }, "the key of its list is spelled with escapes");
  return value;
}

export async function count(items: AsyncIterable<unknown>): Promise<number> {
  const iterator = items[Symbol.asyncIterator]();
  let found = 0;
  while (!(await iterator.next()).done) found++;
  return found;
}
