import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { identifyProcess, isGone } from "../../src/io/process-identity.ts";

describe("isGone()", () => {
  it("isGone() knows of a process of this machine whether it is there", async () => {
    const own = await identifyProcess();
    expect(own?.pid).toBe(process.pid);
    const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    const other = own && { ...own, pid: child.pid ?? 0 };
    await once(child, "exit");
    expect([await isGone(own), await isGone(other)]).toEqual([false, true]);
  });

  it("isGone() says no of whom it cannot know: of another machine, of one before the last start, of nobody", async () => {
    const own = await identifyProcess();
    expect(await isGone(own && { system: `another ${own.system}`, pid: 999_999 })).toBe(false);
    expect(await isGone(undefined)).toBe(false);
  });
});
