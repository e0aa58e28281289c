import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contest } from "../contest.ts";
import { fillVectors } from "../fill.ts";
import type { BenchWork } from "../work.ts";
import { SMALL } from "./small-collections.ts";
import { takeBackup } from "./take-backup.ts";

const BACKUPS = 1_000;
const golden = fileURLToPath(new URL("../../../shared/golden/go-v0.5.16/golden/meta", import.meta.url));

/** Backups of this tool: a manifest each. */
export async function listOurs(work: BenchWork): Promise<Contest> {
  await fillVectors(work.sandbox.SANDBOX_LOCAL_MILVUS, SMALL);
  const name = await takeBackup(work, "one", [SMALL.name]);
  const folder = await multiply(work, "list_ours", join(work.folder, "one", name, "meta"));
  return listContest(work, { name: "list, 1,000 backups", folder, file: "manifest.json" });
}

/** Backups of the Go tool, whose meta files have to be read to tell what is in them. */
export async function listGo(work: BenchWork): Promise<Contest> {
  const folder = await multiply(work, "list_go", golden);
  return listContest(work, { name: "list, 1,000 backups made by the Go tool", folder, file: "full_meta.json" });
}

/** Of many backups only the meta files: a list reads no payload. */
async function multiply(work: BenchWork, folder: string, meta: string): Promise<string> {
  const target = join(work.folder, folder);
  await rm(target, { recursive: true, force: true });
  for (let at = 0; at < BACKUPS; at += 1) await cp(meta, join(target, `backup_${at}`, "meta"), { recursive: true });
  return target;
}

function listContest(
  work: BenchWork,
  { name, folder, file }: { readonly name: string; readonly folder: string; readonly file: string },
): Contest {
  const read = `find ${folder} -name ${file} -exec cat {} +`;
  return {
    name,
    work: `on a local disk; the peer only reads each ${file}`,
    ours: { name: "milvus-backup list", command: work.cli("list", "--target", folder, "--json") },
    peers: [{ name: "find + cat", command: ["sh", "-c", read] }],
    bounds: [{ seconds: 0.66, what: "half of what the Go tool v0.5.16 took when it was measured on such a machine" }],
  };
}
