import { describe, expect, it } from "vitest";
import type { ObjectBody } from "../plugin.ts";
import { bodyOf, keysOf, outcomeOf, patternOf, readText, writeText } from "./subject.ts";
import type { Subject } from "./subject.ts";

/** Writes that do not end well: nothing is left of them, and the old object stays. */
export function testFailures(subject: Subject): void {
  const failures: readonly (readonly [title: string, bytes: () => number])[] = [
    ["a small object", () => 200_000],
    ["a large object", () => subject.largeObjectBytes],
  ];
  const expectUntouched = async (): Promise<void> => {
    const { storage, prefix } = subject;
    expect(await keysOf(storage.list(prefix))).toEqual([`${prefix}old`]);
    expect(await readText(storage, `${prefix}old`)).toBe("old");
  };

  describe("failures", () => {
    it.each(failures)("write() leaves nothing when the body of %s fails", async (_, bytes) => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}old`, "old");
      for (const key of [`${prefix}old`, `${prefix}new`]) {
        const body = breaking(patternOf(bytes()), async () => {
          throw new RangeError("the body broke");
        });
        await expect(storage.write(key, body)).rejects.toThrow("the body broke");
        await expectUntouched();
      }
    });

    it.each(failures)("write() of %s ends at once and leaves nothing when it is aborted", async (_, bytes) => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}old`, "old");
      for (const key of [`${prefix}old`, `${prefix}new`]) {
        const controller = new AbortController();
        const body = breaking(patternOf(bytes()), () => {
          controller.abort();
          return new Promise(() => {}); // a source that hangs
        });
        expect(await outcomeOf(storage.write(key, body, { signal: controller.signal }))).toBe("aborted");
        await expectUntouched();
      }
    });

    it("write() succeeds with the same body after a failure", async () => {
      const { storage, prefix } = subject;
      const content = patternOf(200_000);
      let isBroken = true;
      const body: ObjectBody = {
        size: content.length,
        async *open(offset) {
          const half = breaking(content, async () => {
            if (isBroken) throw new RangeError("the body broke");
          });
          yield* half.open(offset);
        },
      };
      await expect(storage.write(`${prefix}object`, body)).rejects.toThrow("the body broke");
      isBroken = false;
      await storage.write(`${prefix}object`, body);
      expect((await storage.stat(`${prefix}object`))?.bytes).toBe(content.length);
    });

    it.each([-1, 1])("write() refuses a body that is %i bytes off its size", async (difference) => {
      const { storage, prefix, largeObjectBytes } = subject;
      await writeText(storage, `${prefix}old`, "old");
      for (const bytes of [1, 200_000, largeObjectBytes]) {
        const { size, open } = bodyOf(patternOf(bytes));
        for (const key of [`${prefix}old`, `${prefix}new`]) {
          expect(await outcomeOf(storage.write(key, { size: size + difference, open }))).toBe("corrupt");
          await expectUntouched();
        }
      }
    });

    it("write() refuses a body that is not what its sha256 says, if it tells one", async () => {
      const { storage, prefix } = subject;
      await writeText(storage, `${prefix}old`, "old");
      const body = { ...bodyOf("content"), sha256: "0".repeat(64) };
      expect(await outcomeOf(storage.write(`${prefix}old`, body))).toBe("corrupt");
      await expectUntouched();
    });

    it("every call throws aborted when its signal is aborted before", async () => {
      const { storage, prefix } = subject;
      const key = `${prefix}old`;
      await writeText(storage, key, "old");
      const call = { signal: AbortSignal.abort() };
      const calls = [
        () => storage.stat(key, call),
        () => storage.read(key, call),
        () => storage.write(key, bodyOf("new"), call),
        () => storage.delete([key], call),
        () => keysOf(storage.list(prefix, call)),
      ];
      for (const run of calls) expect(await outcomeOf(run())).toBe("aborted");
      await expectUntouched();
    });

    it("read() throws aborted when it is aborted between two chunks", async () => {
      const { storage, prefix, largeObjectBytes } = subject;
      await storage.write(`${prefix}large`, bodyOf(patternOf(largeObjectBytes)));
      const controller = new AbortController();
      const { body } = await storage.read(`${prefix}large`, { signal: controller.signal });
      const reading = async (): Promise<void> => {
        for await (const _ of body) controller.abort();
      };
      expect(await outcomeOf(reading())).toBe("aborted");
    });
  });
}

/** A body that, after a part of its bytes, waits for what `interrupt` gives. */
function breaking(content: Uint8Array, interrupt: () => Promise<void>): ObjectBody {
  const whole = bodyOf(content);
  return {
    size: whole.size,
    async *open(offset) {
      let bytes = 0;
      let isInterrupted = false;
      for await (const chunk of whole.open(offset)) {
        if (!isInterrupted && bytes > content.length * 0.6) {
          isInterrupted = true;
          await interrupt();
        }
        bytes += chunk.length;
        yield chunk;
      }
    },
  };
}
