import { deleteKeys } from "../../src/catalog/delete-backup.ts";
import { keysOf } from "../../test/support/storage-content.ts";
import type { Contest } from "../contest.ts";
import { fillVectors } from "../fill.ts";
import type { BenchWork } from "../work.ts";
import { LARGE, timeFlush } from "./large-collection.ts";

/** A backup within one S3 service, next to tools that copy the same prefix there. */
export async function createS3(work: BenchWork): Promise<Contest> {
  const { sandbox, bucket, peers, s3Env: env } = work;
  const { SANDBOX_S3_MILVUS: address, SANDBOX_S3_ENDPOINT: endpoint, SANDBOX_S3_BUCKET: name } = sandbox;
  const prefix = `${sandbox.SANDBOX_S3_ROOT}/insert_log/${await fillVectors(address, LARGE)}`;
  const placeOf = (path: string): string => `s3://${name}/${path}?endpoint=${endpoint}&pathStyle=true`;
  const places = [
    "--source",
    address,
    "--source-storage",
    placeOf(sandbox.SANDBOX_S3_ROOT),
    "--target",
    placeOf("bench_ours"),
  ];
  const emptied = (place: string) => async (): Promise<void> => deleteKeys(bucket, await keysOf(bucket, `${place}/`));
  const remote = `:s3,provider=SeaweedFS,env_auth,endpoint='${endpoint}':${name}`;
  return {
    name: "create, within one S3",
    work: "1,000,000 rows × 256 floats, 1 GB: copied by the service, the copy compared",
    ours: {
      name: "milvus-backup create",
      command: work.cli("create", "-n", "bench", "--include", LARGE.name, ...places),
      env,
      prepare: emptied("bench_ours"),
    },
    peers: [
      {
        name: "s5cmd cp",
        command: [
          peers.s5cmd,
          "--endpoint-url",
          endpoint,
          "cp",
          `s3://${name}/${prefix}/*`,
          `s3://${name}/bench_s5cmd/`,
        ],
        env,
        prepare: emptied("bench_s5cmd"),
      },
      {
        name: "rclone copy",
        command: [peers.rclone, "copy", `${remote}/${prefix}`, `${remote}/bench_rclone`],
        env,
        prepare: emptied("bench_rclone"),
      },
    ],
    bounds: [
      { times: 1.1, peer: "s5cmd cp", plusSeconds: (await timeFlush(address)) + 1, plusWhat: "the flush + 1 s" },
    ],
  };
}
