/** The gc command on the fake Milvus and directories: what it shows, what its passes delete, and what it leaves. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deleteBackup } from "../../src/catalog/delete-backup.ts";
import type { GarbageSummary } from "../../src/core/gc-plan.ts";
import { encodeRestoreRecord } from "../../src/format/restore-record.ts";
import { failingStorage, killedAfter } from "../support/failing-storage.ts";
import { backupsIn, deletionsIn } from "../support/retained-place.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";
import { openTwoTargets, takeNightly } from "../support/two-targets.ts";
import { reportOf } from "../support/workspace.ts";

const RUN = "20261101_020000_1a2b3c4d";

describe("gc", () => {
  it("gc shows what is nobody's in every target, and changes nothing without --yes", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    expect((await place.run("gc")).stdout).toBe("nas: nothing is nobody's\n\noffsite/copies: nothing is nobody's");
    await using nas = await place.storage("nas");
    const stray = `${backup}/binlogs/delta_log/1/2/3/3/4`;
    await writeAll(nas, { [stray]: "deletes", "photos/sea.jpg": "sea" });
    await expect(deleteBackup(failingStorage(nas, killedAfter(2)), backup)).rejects.toThrow("killed");
    const before = await keysOf(nas);
    const shown = await place.run("gc", "nas", "--json");
    expect([shown.status, JSON.parse(shown.stdout)]).toMatchObject([
      0,
      [{ target: "nas", groups: [], unfinished: [backup], foreign: ["photos/"], left: [] }],
    ]);
    const { stdout } = await place.run("gc", "nightly");
    expect(stdout).toMatch(new RegExp(`nas\\n[^]*goes now +${backup}/ +its deletion was begun and not finished`));
    expect(stdout).toContain("not ours, and not touched (1): photos/");
    expect(await keysOf(nas)).toEqual(before);
  });

  it("gc --yes finishes deletions at once, and deletes what an earlier pass noted, on record", async () => {
    await using place = await openTwoTargets();
    const { backup: first } = await takeNightly(place);
    const { backup: second } = await takeNightly(place);
    await using nas = await place.storage("nas");
    const stray = `${second}/binlogs/delta_log/1/2/3/3/4`;
    await writeAll(nas, { [stray]: "deletes" });
    await expect(deleteBackup(failingStorage(nas, killedAfter(3)), first)).rejects.toThrow("killed");
    const noted = reportOf(await place.run("gc", "nas", "--yes", "--min-age", "0s", "--json"));
    expect(noted).toMatchObject({
      action: "gc",
      exitStatus: 0,
      summary:
        "nas: 0 objects of nobody deleted (0 B), 1 interrupted deletion finished, 1 object noted for a later pass",
    });
    expect(await backupsIn(place, "nas")).toEqual([second]);
    expect((await place.run("gc", "nas", "--yes")).stdout).toContain("1 object noted for a later pass"); // not a day old
    expect(await keysOf(nas, stray)).toEqual([stray]);
    const { status, stdout } = await place.run("gc", "nas", "--yes", "--min-age", "0s");
    expect([status, stdout]).toEqual([0, expect.stringContaining("nas: 1 object of nobody deleted (7 B)")]);
    expect(await keysOf(nas, stray)).toEqual([]);
    expect(await deletionsIn(place, "nas")).toMatchObject([
      { backup: first },
      { garbage: `${second}/`, keys: [stray] },
    ]);
    expect((await place.run("verify", second, "--target", "nas", "--level", "objects")).status).toBe(0);
  });

  it("gc deletes the temporary copy of a restore that died from the storage of the source with its address", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    await using nas = await place.storage("nas");
    await using data = await place.storage("data");
    const record = { formatVersion: 1, runId: RUN, backup, startedAt: "2026-11-01T02:00:00.000Z", asked: "x" } as const;
    await writeAll(nas, {
      [`.milvus-backup/runs/${RUN}/restore.json`]: encodeRestoreRecord({ ...record, address: place.fake.address }),
    });
    await writeAll(data, { [`restore_temp_${RUN}/1/x`]: "rows", "restore_temp_foreign/1/x": "rows" });
    for (let pass = 1; pass <= 2; pass += 1) await place.run("gc", "nas", "--yes", "--min-age", "0s");
    expect(await keysOf(data, "restore_temp_")).toEqual(["restore_temp_foreign/1/x"]);
  });

  it("gc goes on with the other targets when one cannot be looked at, and ends with its status", async () => {
    await using place = await openTwoTargets();
    await takeNightly(place);
    const file = join(place.path, "milvus-backup.config.json");
    const text = await readFile(file, "utf8");
    await writeFile(join(place.path, "broken"), "");
    await writeFile(file, text.replace('"./nas"', '"./broken"'));
    const shown = await place.run("gc", "--json");
    expect([shown.status, (JSON.parse(shown.stdout) as GarbageSummary[]).map(({ target }) => target)]).toEqual([
      0,
      ["nas", "offsite/copies"],
    ]);
    const { status, stdout } = await place.run("gc", "--yes");
    expect([status === 0, stdout]).toEqual([false, expect.stringContaining("offsite/copies: 0 objects of nobody")]);
  });

  it("gc takes no age that is none, and no place that is not there", async () => {
    await using place = await openTwoTargets();
    await mkdir(join(place.path, "elsewhere"));
    expect((await place.run("gc", "--min-age", "soon")).status).toBe(2);
    expect((await place.run("gc", "nowhere")).status).toBe(10);
    expect((await place.run("gc", "./elsewhere")).stdout).toMatch(/elsewhere: nothing is nobody's$/);
  });
});
