import { type FlushResult, MilvusClient } from "@zilliz/milvus2-sdk-node";
import { pollUntil } from "../../scripts/sandbox/poll.ts";

interface Status {
  readonly error_code?: string | number;
  readonly reason?: string;
}

/** The SDK's type leaves out what makes deletes count. */
type FlushReply = FlushResult & { readonly coll_flush_ts?: Readonly<Record<string, string>> };

/** Runs the work with a connection to one database, and closes it: an open one keeps the process alive. */
export async function withClient<T>(
  address: string,
  database: string,
  work: (client: MilvusClient) => Promise<T>,
): Promise<T> {
  // without a level it prints every request when NODE_ENV is test
  const options = { telemetry: { enabled: false }, timeout: 60_000, logLevel: "error" };
  const client = new MilvusClient({ address, database, ...options });
  try {
    await client.connectPromise;
    return await work(client);
  } finally {
    await client.closeConnection();
  }
}

/** Most SDK calls report a failure in their reply, and an unknown call by a reply without anything in it. */
export async function succeed<T extends Status | { readonly status: Status }>(reply: Promise<T>): Promise<T> {
  const answer = await reply;
  const status: Status = "status" in answer ? answer.status : answer;
  if (status?.error_code === "Success") return answer;
  throw new Error(`Milvus refused: ${status?.error_code ?? "no status"} ${status?.reason ?? ""}`);
}

/** Waits until everything written so far, deletes too, is in storage; flushSync of the SDK takes a failure for success. */
export async function flush(client: MilvusClient, name: string): Promise<void> {
  const reply: FlushReply = await succeed(client.flush({ collection_names: [name] }));
  const flushTime = reply.coll_flush_ts?.[name];
  if (flushTime === undefined) throw new Error(`Milvus does not say until when ${name} is to be flushed`);
  const segmentIDs = reply.coll_segIDs[name]?.data ?? [];
  const request = { segmentIDs, flush_ts: flushTime as unknown as number, collection_name: name }; // ids are strings
  const isFlushed = async () => ((await succeed(client.getFlushState(request))).flushed ? true : undefined);
  if (!(await pollUntil(isFlushed, { deadlineMs: 120_000 }))) throw new Error(`${name} was not flushed in 2 minutes`);
}
