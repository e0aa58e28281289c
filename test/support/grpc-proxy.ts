/**
 * In front of a real Milvus: passes gRPC through as it is, byte for byte, but for what a test lets befall a request.
 * It knows nothing of messages, only of HTTP/2 streams and their paths.
 */
import { connect, createServer } from "node:http2";
import type { ClientHttp2Session, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

/**
 * Refused at once, as a server that goes down does it; given up by the server; answered with bytes that hold nothing;
 * done, but the connection breaks in the middle of the answer; never answered.
 */
export type GrpcFault = "UNAVAILABLE" | "DEADLINE_EXCEEDED" | "{}" | "dropped" | "hang";

export interface GrpcProxy extends AsyncDisposable {
  /** `host:port`, in place of the server's. */
  readonly address: string;
}

/** Told the name of each request, "Flush"; what it gives back befalls it. */
export async function startGrpcProxy(
  target: string,
  faultOf: (rpc: string) => GrpcFault | undefined,
): Promise<GrpcProxy> {
  const sessions = new Set<ServerHttp2Session>();
  const upstream = keepConnected(`http://${target}`);
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session)).on("error", () => {}); // of a connection that its client broke
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {}); // of a request that its client gave up
    const fault = faultOf(String(headers[":path"]).split("/").at(-1) ?? "");
    if (fault === undefined || fault === "dropped") pass(stream, headers, { upstream: upstream.get(), fault });
    else if (fault !== "hang") answer(stream, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy();
      upstream.end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One connection to the server, a new one when that has broken. */
function keepConnected(url: string): { get(): ClientHttp2Session; end(): void } {
  let session: ClientHttp2Session | undefined;
  return {
    get: () => {
      if (session === undefined || session.closed || session.destroyed) {
        session = connect(url);
        session.on("error", () => {}); // its streams have it, too
      }
      return session;
    },
    end: () => session?.destroy(),
  };
}

const GRPC = { ":status": 200, "content-type": "application/grpc" };
const STATUS = { UNAVAILABLE: "14", DEADLINE_EXCEEDED: "4" };
/** Not compressed, and no bytes long. */
const EMPTY_MESSAGE = new Uint8Array(5);

function answer(stream: ServerHttp2Stream, fault: "UNAVAILABLE" | "DEADLINE_EXCEEDED" | "{}"): void {
  stream.resume();
  if (fault === "{}") {
    stream.respond(GRPC, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(EMPTY_MESSAGE);
    return;
  }
  const status = { "grpc-status": STATUS[fault], "grpc-message": "as the test says" };
  stream.respond({ ...GRPC, ...status }, { endStream: true });
}

interface Passing {
  readonly upstream: ClientHttp2Session;
  readonly fault?: "dropped" | undefined;
}

function pass(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, { upstream, fault }: Passing): void {
  const forward = upstream.request(headers);
  let trailers: IncomingHttpHeaders | undefined;
  forward.on("error", () => stream.close());
  stream.on("aborted", () => forward.close());
  stream.pipe(forward);
  forward.on("response", (reply, flags) => {
    const isWhole = (flags & 1) !== 0; // END_STREAM: a failure is told in the headers, and nothing follows
    if (!stream.destroyed) stream.respond(reply, isWhole ? { endStream: true } : { waitForTrailers: true });
  });
  forward.on("trailers", (given) => (trailers = given));
  stream.on("wantTrailers", () => stream.sendTrailers(trailers ?? {}));
  forward.on("data", (chunk: Uint8Array) => {
    if (fault === "dropped")
      stream.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => stream.session?.destroy());
    else stream.write(chunk);
  });
  forward.on("end", () => {
    if (fault !== "dropped") stream.end();
  });
}
