import { hostname } from "node:os";
import type { Client, Metadata } from "@grpc/grpc-js";
import { systemClock, type Clock } from "../io/clock.ts";
import { formatAddress, parseAddress, type MilvusAddress } from "./address.ts";
import { createCaller, type Caller, type Connection } from "./call.ts";
import { capabilitiesOf, FIRST_UNTRIED, OLDEST_SUPPORTED } from "./capabilities.ts";
import {
  authorizationOf,
  channelCredentials,
  tlsChannelOptions,
  type MilvusAuth,
  type TlsOptions,
} from "./credentials.ts";
import { isMilvusError, MilvusError } from "./errors.ts";
import { loadService } from "./proto.ts";
import type { MilvusSession } from "./session.ts";
import type { MilvusCall } from "./types.ts";
import { findVersion, isAtLeast, isMilvusLite, type MilvusVersion } from "./version.ts";

export interface ConnectOptions {
  /** "host:port", or https://host:port for TLS with the system's authorities. */
  readonly address: string;
  readonly tls?: TlsOptions | undefined;
  readonly auth?: MilvusAuth | undefined;
  /** For requests that name no database; "default" where absent. */
  readonly database?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Takes secrets out of what the server says: it may quote what it was sent. */
  readonly mask?: ((text: string) => string) | undefined;
  /** No answer is waited for longer; where absent, as long as a request of its kind may take. */
  readonly answerMs?: number | undefined;
}

/** Sizes are the server's to limit; the keepalive notices a peer that is gone without a word. */
const CHANNEL_OPTIONS = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 10_000,
};

/**
 * Opens a connection and greets the server. Throws a BackupError: "unreachable" when nobody answers or the server is
 * not a Milvus from 2.2.9 on, "denied" when it refuses the user.
 */
export async function connectMilvus(options: ConnectOptions, call: MilvusCall = {}): Promise<MilvusSession> {
  const address = parseAddress(options.address);
  const client = await openClient(address, options);
  try {
    return await greet({ client, options, address: formatAddress(address) }, call);
  } catch (error) {
    client.close();
    throw error;
  }
}

async function openClient(address: MilvusAddress, options: ConnectOptions): Promise<Client> {
  const { Client } = await import("@grpc/grpc-js");
  const tls = options.tls ?? (address.tls ? {} : undefined);
  const channel = { ...CHANNEL_OPTIONS, ...tlsChannelOptions(tls) };
  return new Client(formatAddress(address), await channelCredentials(tls), channel);
}

interface Greeting {
  readonly client: Client;
  readonly options: ConnectOptions;
  readonly address: string;
}

async function greet({ client, options, address }: Greeting, call: MilvusCall): Promise<MilvusSession> {
  const [service, headers] = await Promise.all([loadService(), createHeaders(options)]);
  const clock = options.clock ?? systemClock;
  const { mask = (text) => text, answerMs = Number.POSITIVE_INFINITY } = options;
  const connection: Connection = { address, client, service, clock, mask, answerMs, metadata: headers.metadata };
  const send = createCaller(connection);
  const { identifier, buildTag } = await introduce(send, options, call);
  headers.identifyAs(identifier);
  const { reply } = await send("GetVersion", {}, call);
  const version = checkVersion([buildTag, reply.version], address);
  return {
    address,
    version,
    capabilities: capabilitiesOf(version),
    warnings: warningsAbout(version),
    clock,
    service,
    send,
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

interface Headers {
  readonly metadata: (database: string | undefined) => Metadata;
  /** The server's name for this connection, sent with every request from now on. */
  identifyAs(identifier: string): void;
}

async function createHeaders({ auth, database }: ConnectOptions): Promise<Headers> {
  const grpc = await import("@grpc/grpc-js");
  const common = new grpc.Metadata();
  if (auth !== undefined) common.set("authorization", authorizationOf(auth));
  return {
    identifyAs: (identifier) => common.set("identifier", identifier),
    metadata: (requested) => {
      const metadata = common.clone();
      metadata.set("dbname", requested ?? database ?? "default");
      return metadata;
    },
  };
}

interface Introduction {
  readonly identifier: string;
  readonly buildTag: string;
}

/** Servers before 2.2.9 do not know Connect; they are refused by their version, with words about it. */
async function introduce(send: Caller, { auth }: ConnectOptions, call: MilvusCall): Promise<Introduction> {
  const user = auth !== undefined && "username" in auth ? auth.username : "";
  const client_info = {
    sdk_type: "milvus-backup-ts",
    sdk_version: "1",
    local_time: new Date().toISOString(),
    user,
    host: hostname(),
  };
  try {
    const { reply } = await send("Connect", { client_info }, call);
    return { identifier: reply.identifier, buildTag: reply.server_info?.build_tags ?? "" };
  } catch (error) {
    if (isMilvusError(error, "unsupported")) return { identifier: "0", buildTag: "" };
    throw error;
  }
}

function checkVersion(names: readonly string[], address: string): MilvusVersion {
  const said = names.filter((name) => name !== "");
  const facts = { address, said };
  if (said.some(isMilvusLite)) {
    throw new MilvusError("unsupported", `Cannot back up the server at ${address}: Milvus Lite keeps no segments`, {
      hint: "Backup and restore need a Milvus standalone or cluster",
      facts,
    });
  }
  const version = findVersion(said);
  if (version === undefined) {
    const answer = said.map((name) => `"${name}"`).join(", ") || "nothing";
    throw new MilvusError("unsupported", `Cannot tell the version of the server at ${address}: it says ${answer}`, {
      hint: "Is it a Milvus server, and of a supported version (2.2.9 to 2.6)?",
      facts,
    });
  }
  if (!isAtLeast(version, OLDEST_SUPPORTED)) {
    const reason = `Milvus at ${address} is ${version.text}, older than ${OLDEST_SUPPORTED}`;
    throw new MilvusError("unsupported", reason, { hint: `Upgrade Milvus to ${OLDEST_SUPPORTED} or later`, facts });
  }
  return version;
}

function warningsAbout(version: MilvusVersion): readonly string[] {
  if (!isAtLeast(version, FIRST_UNTRIED)) return [];
  return [`Milvus ${version.text} is newer than any release that this tool was tried with (up to 2.6)`];
}
