/** The calls of the library that keep targets in order, on the fake Milvus and directories. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  collectGarbage,
  deleteBackup,
  listBackups,
  pinBackup,
  pruneBackups,
  rewrapBackup,
  unlockTarget,
  unpinBackup,
  verifyBackup,
} from "../../src/index.ts";
import { encodeLock } from "../../src/format/lock.ts";
import { makeDataKey } from "../../src/seal/age-file.ts";
import { lockOwner } from "../support/lock-owner.ts";
import { backupsIn, setPolicy } from "../support/retained-place.ts";
import { keysOf, writeAll } from "../support/storage-content.ts";
import { openTwoTargets, takeNightly } from "../support/two-targets.ts";

it("pruneBackups() says with dryRun what would go, and deletes it without; more than may go is refused", async () => {
  await using place = await openTwoTargets();
  const names = [(await takeNightly(place)).backup, (await takeNightly(place)).backup];
  await setPolicy(place, { retention: { keep: { last: 1 } } });
  const options = { policy: "nightly", cwd: place.path, env: { SECRET: "s" } };
  const shown = await pruneBackups({ ...options, dryRun: true });
  expect(shown.map(({ target, report }) => [target, report])).toEqual([
    ["nas", undefined],
    ["offsite/copies", undefined],
  ]);
  expect(shown[0]?.verdicts.map(({ verdict }) => verdict)).toEqual(["keep", "prune"]);
  await expect(pruneBackups({ ...options, maxDelete: 0 })).rejects.toMatchObject({ code: "refused" });
  expect(await backupsIn(place, "nas")).toEqual(names);
  const done = await pruneBackups(options);
  expect(done.map(({ report }) => report?.exitStatus)).toEqual([0, 0]);
  expect(await backupsIn(place, "nas")).toEqual(names.slice(1));
});

it("pinBackup() keeps deleteBackup() from a backup in every target, and unpinBackup() lets it", async () => {
  await using place = await openTwoTargets();
  const { backup } = await takeNightly(place);
  const options = { backup, cwd: place.path, env: { SECRET: "s" } };
  const pinned = await pinBackup({ ...options, reason: "audit" });
  expect(pinned).toMatchObject({ targets: ["nas", "offsite/copies"], warnings: [], pin: { reason: "audit" } });
  await expect(deleteBackup({ ...options, target: "nas" })).rejects.toMatchObject({ code: "refused" });
  expect(await unpinBackup(options)).toEqual({ targets: ["nas", "offsite/copies"], warnings: [] });
  expect((await deleteBackup({ ...options, target: "nas" })).exitStatus).toBe(0);
});

it("collectGarbage() tells with dryRun what is nobody's, notes it in a first pass, and deletes it in a later one", async () => {
  await using place = await openTwoTargets();
  const { backup } = await takeNightly(place);
  await using nas = await place.storage("nas");
  await writeAll(nas, { [`${backup}/binlogs/delta_log/1/2/3/3/4`]: "deletes" });
  const options = { targets: ["nas"], minAge: "0s", cwd: place.path, env: { SECRET: "s" } };
  const shown = await collectGarbage({ ...options, dryRun: true });
  expect(shown).toMatchObject([{ target: "nas", groups: [{ objects: 1, state: "waiting" }] }]);
  expect(shown[0]?.report).toBeUndefined();
  expect((await collectGarbage(options))[0]?.report?.garbage?.deleted.objects).toBe(0);
  expect((await collectGarbage(options))[0]?.report?.garbage?.deleted.objects).toBe(1);
  const report = await verifyBackup({ backup, level: "objects", target: "nas", cwd: place.path, env: { SECRET: "s" } });
  expect(report.exitStatus).toBe(0);
});

it("unlockTarget() tells with dryRun who is there, and removes the locks of the run that is named", async () => {
  await using place = await openTwoTargets();
  await takeNightly(place);
  await using nas = await place.storage("nas");
  await writeAll(nas, { ".milvus-backup/locks/s/r9": encodeLock(lockOwner("r9")) });
  const options = { target: "nas", run: "r9", force: true, cwd: place.path, env: { SECRET: "s" } };
  expect(await unlockTarget({ ...options, dryRun: true })).toMatchObject({ locks: [{ run: "r9" }], isDone: false });
  expect(await unlockTarget(options)).toMatchObject({ chosen: [{ run: "r9" }], isDone: true });
  expect(await keysOf(nas, ".milvus-backup/locks/s/")).toEqual([]);
});

it("rewrapBackup() gives an encrypted backup to other recipients", async () => {
  const [old, fresh] = [await makeDataKey(), await makeDataKey()];
  await using place = await openTwoTargets({ encryption: { recipients: [old.recipient] } });
  const { backup } = await takeNightly(place);
  await mkdir(join(place.path, "keys"));
  await writeFile(join(place.path, "keys/old.txt"), old.identity);
  await writeFile(join(place.path, "keys/new.txt"), fresh.identity);
  const options = { backup, target: "nas", cwd: place.path, env: { SECRET: "s" } };
  const rewrapped = await rewrapBackup({ ...options, recipients: [fresh.recipient], identities: ["keys/old.txt"] });
  expect(rewrapped).toEqual({ backup, target: "nas", recipients: [fresh.recipient] });
  const verify = (file: string) => verifyBackup({ ...options, level: "checksum", identities: [`keys/${file}`] });
  expect((await verify("new.txt")).exitStatus).toBe(0);
  expect((await verify("old.txt")).exitStatus).not.toBe(0);
  expect((await listBackups(options))[0]?.isEncrypted).toBe(true);
});
