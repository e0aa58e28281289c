/** Pins, and what they keep from being deleted, on the fake Milvus and directories. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTwoTargets, takeNightly } from "../support/two-targets.ts";

describe("pin", () => {
  it("pin keeps a backup in every target, list and get show it, and unpin ends that", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    const pinned = await place.run("pin", backup, "--reason", "audit");
    expect([pinned.status, pinned.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^${backup} is pinned in nas and offsite/copies: audit, by .+@`)),
    ]);
    expect((await place.run("list")).stdout).toContain("PINNED");
    expect(JSON.parse((await place.run("list", "--json")).stdout)).toMatchObject([
      { pinned: { reason: "audit" } },
      { pinned: { reason: "audit" } },
    ]);
    expect((await place.run("get", backup)).stdout).toMatch(/pinned +audit, by/);
    const refused = await place.run("delete", backup, "--target", "nas", "--yes");
    expect([refused.status, refused.stderr]).toEqual([
      15,
      expect.stringMatching(
        new RegExp(`Cannot delete ${backup}: it is pinned: audit[^]*milvus-backup unpin ${backup}`),
      ),
    ]);
    expect((await place.run("unpin", backup)).status).toBe(0);
    expect((await place.run("list")).stdout).not.toContain("PINNED");
    expect((await place.run("delete", backup, "--target", "nas", "--yes")).status).toBe(0);
  });

  it("pin --target pins in that one only, and a pin that expired or that is over does not hold", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    const soon = new Date(Date.now() + 60_000).toISOString();
    expect((await place.run("pin", backup, "--target", "nas", "--until", soon)).stdout).toContain(`until ${soon}`);
    expect(JSON.parse((await place.run("list", "--json")).stdout)).toMatchObject([{ pinned: { until: soon } }, {}]);
    const over = { at: soon, until: "2020-01-01T00:00:00.000Z" };
    await writeFile(join(place.path, "nas/.milvus-backup/pins", backup), JSON.stringify(over));
    expect((await place.run("list")).stdout).not.toContain("PINNED");
    await writeFile(join(place.path, "nas/.milvus-backup/pins", backup), "{");
    expect((await place.run("delete", backup, "--target", "nas", "--yes")).status).toBe(15);
  });

  it("pin refuses a backup that is not there, and a time that is none or is over", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    expect((await place.run("pin", "nightly_1")).status).toBe(10);
    expect((await place.run("pin", backup, "--until", "soon")).status).toBe(2);
    expect((await place.run("pin", backup, "--until", "2020-01-01")).stderr).toContain("that is over");
  });
});
