import type { DeleteResult, Storage } from "../core/contracts/storage.ts";

/** The text without the secrets that are in it. */
export type Mask = (text: string) => string;

/** A storage whose errors have no secret in them: some services quote what they were sent. */
export function maskStorage(storage: Storage, mask: Mask): Storage {
  const { canCopyFrom, copyFrom, hash, link, unfinished, abandon } = storage;
  return {
    location: storage.location, // each by name: the methods of a class are not the object's own
    capabilities: storage.capabilities,
    stat: (key, call) => masking(mask, () => storage.stat(key, call)),
    read: async (key, options) => {
      const { info, body } = await masking(mask, () => storage.read(key, options));
      return { info, body: maskingEach(mask, body) };
    },
    write: (key, body, options) => masking(mask, () => storage.write(key, body, options)),
    list: (prefix, options) => maskingEach(mask, storage.list(prefix, options)),
    delete: async (keys, call) => maskFailed(mask, await masking(mask, () => storage.delete(keys, call))),
    ...(canCopyFrom && { canCopyFrom: (from) => canCopyFrom.call(storage, from) }),
    ...(copyFrom && {
      copyFrom: (from, copy, call) => masking(mask, () => copyFrom.call(storage, from, copy, call)),
    }),
    ...(hash && { hash: (key, call) => masking(mask, () => hash.call(storage, key, call)) }),
    ...(link && { link: (sourceKey, key, call) => masking(mask, () => link.call(storage, sourceKey, key, call)) }),
    ...(unfinished && {
      unfinished: (prefix, call) => masking(mask, () => unfinished.call(storage, prefix, call)),
    }),
    ...(abandon && { abandon: (write, call) => masking(mask, () => abandon.call(storage, write, call)) }),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

/** Does the work; what it throws is masked. */
export async function masking<T>(mask: Mask, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw maskError(mask, error);
  }
}

async function* maskingEach<T>(mask: Mask, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw maskError(mask, error);
  }
}

function maskFailed(mask: Mask, result: DeleteResult): DeleteResult {
  for (const { error } of result.failed) maskError(mask, error);
  return result;
}

/** The same error, so that its class and its facts stay: only texts with a secret are other ones. */
function maskError(mask: Mask, error: unknown): unknown {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { message, stack = "" } = one;
    if (mask(message) !== message) one.message = mask(message);
    if (mask(stack) !== stack) one.stack = mask(stack);
  }
  return error;
}
