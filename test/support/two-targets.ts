import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PolicyConfig } from "../../src/core/contracts/policy.ts";
import { openPolicyPlace } from "./policy-place.ts";
import type { PolicyPlace } from "./policy-place.ts";
import { runCommand } from "./run-command.ts";
import { reportOf } from "./workspace.ts";

export type TwoTargets = PolicyPlace;

/** A service that nobody runs. */
const AWAY = {
  type: "s3",
  endpoint: "http://127.0.0.1:1",
  bucket: "b",
  credentials: { accessKeyId: "a", secretAccessKey: { env: "SECRET" } },
};

/** A policy that writes to nas and copies to offsite, below a prefix. */
export async function openTwoTargets(policy: Partial<PolicyConfig> = {}): Promise<TwoTargets> {
  const targets = [{ storage: "nas" }, { storage: "offsite", prefix: "copies" }];
  const place = await openPolicyPlace({ ...policy, targets });
  let runs = 0;
  return {
    ...place,
    run: (name, ...args) => {
      const ahead = 1000 * (runs += 1); // a backup is named after its second
      const now = (): Date => new Date(Date.now() + ahead);
      return runCommand({ cwd: place.path, env: { SECRET: "s" }, now }, name, ...args);
    },
  };
}

/** The same place when nas has gone away. */
export async function withoutNas({ path }: TwoTargets): Promise<void> {
  const file = join(path, "milvus-backup.config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as { readonly storages: object }; // as it was just written
  await writeFile(file, JSON.stringify({ ...config, storages: { ...config.storages, nas: AWAY } }));
}

/** A file is where the directory was: nothing can be written below it. */
export async function breakTarget({ path }: TwoTargets, name: string): Promise<void> {
  await rm(join(path, name), { recursive: true });
  await writeFile(join(path, name), "");
}

/** What was in it before it broke: this backup, as the other target has it. */
export async function mendTarget({ path }: TwoTargets, name: "offsite", backup: string): Promise<void> {
  await rm(join(path, name));
  await cp(join(path, "nas", backup), join(path, name, "copies", backup), { recursive: true });
}

export async function takeNightly(place: TwoTargets): Promise<ReturnType<typeof reportOf>> {
  return reportOf(await place.run("run", "nightly", "--json"));
}
