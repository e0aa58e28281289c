import type { FoundObject } from "../core/copy-plan.ts";
import { keyInBackup } from "../format/keys.ts";
import { objectsIn } from "../io/list-objects.ts";
import type { Verifying } from "./verify-job.ts";

export type LogKind = "insert" | "delta";

interface Listed extends FoundObject {
  /** Undefined: of no collection. */
  readonly place: { readonly kind: LogKind; readonly id: string } | undefined;
}

/** What a backup's directory holds. Keys come in order, so that those of a collection and a kind of log come together. */
export interface BackupListing extends AsyncDisposable {
  /** Undefined at the end. */
  next(): Listed | undefined;
  skip(): Promise<void>;
  /** The next one and all others of its collection and kind, each of which is listed when it is asked for. */
  group(): AsyncGenerator<FoundObject>;
  /** How many objects of collections were taken. */
  done(): number;
}

const TELL_EVERY = 1000;

export async function openListing(
  { job, target, backup }: Pick<Verifying, "job" | "target" | "backup">,
  tell: (done: number) => void,
): Promise<BackupListing> {
  const root = keyInBackup(backup, "");
  const entries = objectsIn(target.storage, root, { signal: job.run.signal });
  let next: Listed | undefined;
  let done = 0;
  const skip = async (): Promise<void> => {
    const { value } = await entries.next();
    const key = value?.key.slice(root.length);
    next = key === undefined ? undefined : { key, bytes: value.bytes, place: placeOf(key) };
  };
  await skip();
  return {
    next: () => next,
    skip,
    group: async function* () {
      const place = next?.place;
      for (let one = next; one !== undefined && isSamePlace(one.place, place); one = next) {
        yield one;
        done += 1;
        if (done % TELL_EVERY === 0) tell(done);
        await skip();
      }
      tell(done);
    },
    done: () => done,
    [Symbol.asyncDispose]: async () => void (await entries.return(undefined)),
  };
}

const PLACE = /^binlogs\/(insert|delta)_log\/(\d+)\//;

function placeOf(key: string): Listed["place"] {
  const [, kind, id = ""] = PLACE.exec(key) ?? [];
  return kind === "insert" || kind === "delta" ? { kind, id } : undefined;
}

function isSamePlace(a: Listed["place"], b: Listed["place"]): boolean {
  return a?.kind === b?.kind && a?.id === b?.id;
}
