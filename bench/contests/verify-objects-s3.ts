import { join } from "node:path";
import { deleteKeys } from "../../src/catalog/delete-backup.ts";
import { scopeStorage } from "../../src/io/scoped-storage.ts";
import { keysOf } from "../../test/support/storage-content.ts";
import type { Contest } from "../contest.ts";
import { backUpManyObjects } from "../many-objects.ts";
import type { BenchWork } from "../work.ts";

const OBJECTS = 100_000;
const PREFIX = "bench_objects";

/** Whether every object is there with its size, next to a tool that only lists them. */
export async function verifyObjectsS3(work: BenchWork): Promise<Contest> {
  const { sandbox, bucket, peers, s3Env: env, report, folder } = work;
  const { SANDBOX_S3_ENDPOINT: endpoint, SANDBOX_S3_BUCKET: name } = sandbox;
  const keys = await keysOf(bucket, `${PREFIX}/b1/binlogs/`);
  if (keys.length !== OBJECTS) {
    report(`making a backup of ${OBJECTS} objects`);
    await deleteKeys(bucket, await keysOf(bucket, `${PREFIX}/`));
    await backUpManyObjects(scopeStorage(bucket, PREFIX), join(folder, "objects"), {
      segments: OBJECTS / 4,
      bytes: 16,
    });
  }
  const target = `s3://${name}/${PREFIX}?endpoint=${endpoint}&pathStyle=true`;
  const all = `s3://${name}/${PREFIX}/b1/*`;
  return {
    name: "verify --level objects, S3",
    work: "100,000 small objects: each is there with its size, and nothing more",
    ours: {
      name: "milvus-backup verify",
      command: work.cli("verify", "b1", "--level", "objects", "--target", target),
      env,
    },
    peers: [{ name: "s5cmd ls", command: [peers.s5cmd, "--endpoint-url", endpoint, "ls", all], env }],
    bounds: [{ seconds: 60, what: "a minute" }],
  };
}
