import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ObjectBody } from "../core/contracts/storage.ts";
import { BackupError } from "../core/errors.ts";
import type { Frame } from "../format/encode-message.ts";
import { bytesBody, fileBody } from "../io/body.ts";
import { createLimit } from "../io/limit.ts";
import { inScratch, makeScratch } from "./scratch.ts";

/** Files of a run on this machine that grow a piece at a time, so that meta files of any size never stand in memory. */
export interface Spool extends AsyncDisposable {
  /** For files that are made whole. */
  readonly directory: string;
  /** Adds an element, given in pieces, to the list with this name. */
  addElement(list: string, pieces: Iterable<string>): Promise<void>;
  addElements(list: string, elements: Iterable<string>): Promise<void>;
  /** The list within its frame. */
  body(list: string, frame: Frame): Promise<ObjectBody>;
}

export async function openSpool(runId: string): Promise<Spool> {
  const directory = await makeScratch(runId);
  const started = new Set<string>();
  const inTurn = createLimit(1);
  const fileOf = (list: string): string => path.join(directory, `${list}.list`);
  const broken = new Set<string>();
  const append = (list: string, pieces: Iterable<string>): Promise<void> =>
    inTurn(async () => {
      if (broken.has(list)) throw spoiled(list, directory);
      broken.add(list); // until the pieces are in: half an element would spoil the whole list
      await inScratch(directory, () => writeFile(fileOf(list), pieces, { flag: "a" }));
      broken.delete(list);
    });
  const separated = function* (list: string, elements: Iterable<Iterable<string>>): Generator<string> {
    for (const pieces of elements) {
      if (started.has(list)) yield ",";
      started.add(list);
      yield* pieces;
    }
  };
  return {
    directory,
    addElement: (list, pieces) => append(list, separated(list, [pieces])),
    addElements: (list, elements) => append(list, separated(list, each(elements))),
    body: async (list, { prefix, suffix, empty }) => {
      if (broken.has(list)) throw spoiled(list, directory);
      if (!started.has(list)) return bytesBody(empty);
      return joinBodies([bytesBody(prefix), await fileBody(fileOf(list)), bytesBody(suffix)]);
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

function spoiled(list: string, directory: string): BackupError {
  return new BackupError("failed", `Cannot make the ${list} meta file: writing to ${directory} failed`);
}

function* each(elements: Iterable<string>): Generator<readonly string[]> {
  for (const element of elements) yield [element];
}

/** One body after the other, as one. */
function joinBodies(bodies: readonly ObjectBody[]): ObjectBody {
  return {
    size: bodies.reduce((sum, { size }) => sum + size, 0),
    async *open(offset = 0) {
      let skip = offset;
      for (const body of bodies) {
        if (skip < body.size) yield* body.open(skip);
        skip = Math.max(0, skip - body.size);
      }
    },
  };
}
