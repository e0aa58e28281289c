/** The command that brings a backup into another target, on the fake Milvus and directories. */
import { appendFile, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { contentsWithoutRecords } from "../support/target-records.ts";
import { openTwoTargets, takeNightly, withoutNas } from "../support/two-targets.ts";
import type { TwoTargets } from "../support/two-targets.ts";
import { reportOf } from "../support/workspace.ts";

/** As when offsite was down, and is there again with nothing in it. */
async function takeForNas(place: TwoTargets): Promise<string> {
  const { backup } = await takeNightly(place);
  await rm(join(place.path, "offsite/copies"), { recursive: true });
  return backup;
}

async function contents({ path }: TwoTargets, target: string): Promise<unknown> {
  await using storage = await openLocal(join(path, target), false);
  return await contentsWithoutRecords(storage);
}

describe("copy", () => {
  it("copy brings a backup into another target, the same in every byte", async () => {
    await using place = await openTwoTargets();
    const backup = await takeForNas(place);
    const report = reportOf(await place.run("copy", backup, "--to", "offsite/copies", "--json"));
    expect(report).toMatchObject({
      action: "copy",
      state: "complete",
      exitStatus: 0,
      target: "offsite/copies",
      summary: expect.stringMatching(new RegExp(`^${backup} is copied to offsite/copies: \\d+ objects, `)) as string,
      targets: [{ name: "offsite/copies", state: "complete" }],
    });
    expect(await contents(place, "offsite/copies")).toEqual(await contents(place, "nas"));
  });

  it("copy --dry-run shows what it would do, and does nothing", async () => {
    await using place = await openTwoTargets();
    const backup = await takeForNas(place);
    const { status, stdout } = await place.run("copy", backup, "--to", "offsite/copies", "--dry-run", "--json");
    expect([status, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        action: "copy",
        backup,
        steps: [{ kind: "copy-backup", why: expect.stringContaining("copied from nas") as string }],
      },
    ]);
    expect(await readdir(join(place.path, "offsite"))).toEqual([]);
  });

  it("copy goes on where it stopped: what is proven is kept, what is missing is copied", async () => {
    await using place = await openTwoTargets();
    const backup = await takeForNas(place);
    expect((await place.run("copy", backup, "--to", "offsite/copies")).status).toBe(0);
    await rm(join(place.path, "offsite/copies", backup, "meta/backup_meta.json"));
    await rm(join(place.path, "offsite/copies", backup, "meta/full_meta.json"));
    expect((await place.run("copy", backup, "--to", "offsite/copies")).status).toBe(0);
    expect(await contents(place, "offsite/copies")).toEqual(await contents(place, "nas"));
  });

  it("copy compares a copy that is there, and says damage with status 4", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    expect((await place.run("copy", backup, "--to", "offsite/copies")).status).toBe(0);
    const binlogs = join(place.path, "offsite/copies", backup, "binlogs");
    const files = await readdir(binlogs, { recursive: true, withFileTypes: true });
    const file = files.find((entry) => entry.isFile());
    if (file === undefined) throw new Error("the backup has no payload");
    await appendFile(join(file.parentPath, file.name), "x");
    const { status, stdout } = await place.run("copy", backup, "--to", "offsite/copies");
    expect([status, stdout]).toEqual([4, expect.stringContaining(`${basename(file.parentPath)}/${file.name}`)]);
  });

  it("copy of a partial backup is partial, and says so with status 3", async () => {
    await using place = await openTwoTargets();
    const created = await place.run(
      "create",
      "-n",
      "b1",
      "--target",
      "nas",
      "--include",
      "shop.a",
      "--include",
      "shop.gone",
    );
    expect(created.status).toBe(3);
    const report = reportOf(await place.run("copy", "b1", "--from", "nas", "--to", "offsite/copies", "--json"));
    expect([report.state, report.exitStatus, report.summary]).toEqual([
      "partial",
      3,
      expect.stringMatching(/^b1, which is partial, is copied to offsite\/copies: /),
    ]);
  });

  it("copy does what it can while another target is out of reach, and says which", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    await withoutNas(place);
    const report = reportOf(await place.run("copy", backup, "--to", "./third", "--json"));
    expect([report.exitStatus, report.warnings]).toEqual([0, [expect.stringMatching(/^nas could not be looked at: /)]]);
  });

  it.each([
    { args: ["b1", "--from", "nas", "--to", "nas"], status: 10, says: "b1" },
    { args: ["gone", "--to", "nas"], status: 10, says: "gone" },
    { args: ["a/b", "--to", "nas"], status: 2, says: "a/b" },
    { args: ["b1"], status: 2, says: "say --to PLACE" },
    { args: ["b1", "--to", "nass"], status: 10, says: "nass" },
  ])("copy $args ends with status $status", async ({ args, status, says }) => {
    await using place = await openTwoTargets();
    const result = await place.run("copy", ...args);
    expect([result.status, result.stderr]).toEqual([status, expect.stringContaining(says)]);
  });

  it("copy refuses to copy a backup onto itself", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    const { status, stderr } = await place.run("copy", backup, "--from", "nas", "--to", "./nas");
    expect([status, stderr]).toEqual([2, expect.stringContaining("to itself")]);
  });
});
