/** The entry for the tests of plugins: what a plugin must do, as vitest tests. */
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import type { HookPlugin, Storage } from "./plugin.ts";
import { testConditions } from "./testing/conditions.ts";
import { testCopying } from "./testing/copying.ts";
import { testDeleting } from "./testing/deleting.ts";
import { testFailures } from "./testing/failures.ts";
import { testHook } from "./testing/hooks.ts";
import type { DescribeHookOptions } from "./testing/hooks.ts";
import { testListing } from "./testing/listing.ts";
import { testObjects } from "./testing/objects.ts";
import { keysOf } from "./testing/subject.ts";
import type { Subject } from "./testing/subject.ts";
import { testUnfinished } from "./testing/unfinished.ts";

export type { DescribeHookOptions } from "./testing/hooks.ts";

export interface DescribeStorageOptions {
  /** The size of the largest object written; let it be above the size that the storage sends in parts. 12 MiB. */
  readonly largeObjectBytes?: number | undefined;
  /** So many are listed and deleted at once; let it be above what the storage gives or takes in one request. 1,100. */
  readonly manyObjects?: number | undefined;
  /** Of one test, in milliseconds. 60,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * The definition of done for a storage, as vitest tests. `open` is called once, before the first of them; all keys are
 * below a prefix of their own, and what is there is deleted after each test. What the storage says it cannot do
 * (capabilities, copyFrom, link, unfinished) is skipped, and must be refused with StorageError "unsupported" where it is asked for.
 */
export function describeStorage(
  name: string,
  open: () => Promise<Storage>,
  { largeObjectBytes = 12 * 1024 * 1024, manyObjects = 1100, timeoutMs = 60_000 }: DescribeStorageOptions = {},
): void {
  describe(`${name} storage`, { timeout: timeoutMs }, () => {
    const run = `describe-storage-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    let storage: Storage | undefined;
    let test = 0;
    const subject: Subject = {
      get storage() {
        if (storage === undefined) throw new TypeError("The storage is opened before the first test");
        return storage;
      },
      get prefix() {
        return `${run}/${test}/`;
      },
      largeObjectBytes,
      manyObjects,
    };
    beforeAll(async () => {
      storage = await open();
    }, timeoutMs);
    beforeEach(() => {
      test += 1;
    });
    afterEach(async () => {
      await subject.storage.delete(await keysOf(subject.storage.list(subject.prefix)));
    }, timeoutMs);
    afterAll(async () => {
      await storage?.[Symbol.asyncDispose]();
    });
    const ofOptions = [testCopying, testUnfinished];
    for (const testGroup of [testObjects, testListing, testConditions, testFailures, testDeleting, ...ofOptions]) {
      testGroup(subject);
    }
  });
}

/**
 * The definition of done for a hook plugin, as vitest tests. It is really called: once before, and once after each way in
 * which a run can end. What it reaches must be there: a server of the test, a folder.
 */
export function describeHook(plugin: HookPlugin, options: DescribeHookOptions): void {
  describe(`${plugin.name} hook`, { timeout: options.timeoutMs ?? 60_000 }, () => testHook(plugin, options));
}
