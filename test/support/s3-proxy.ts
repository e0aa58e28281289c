import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";

export interface S3Proxy extends AsyncDisposable {
  /** Stands in for the service's. */
  readonly endpoint: string;
}

/** A refusal as an S3 service words it. */
export interface S3Refusal {
  readonly status: number;
  readonly code: string;
}

/** In front of a real S3 service: what a test refuses does not reach it, everything else goes through as it is. */
export async function startS3Proxy(
  endpoint: string,
  refusalOf: (asked: { readonly method: string; readonly path: string }) => S3Refusal | undefined,
): Promise<S3Proxy> {
  const server = createServer(async (asked, reply) => {
    const { method = "GET", url: path = "/", headers } = asked;
    const refusal = refusalOf({ method, path });
    if (refusal !== undefined) {
      asked.resume();
      reply.writeHead(refusal.status, { "content-type": "application/xml" });
      reply.end(`<Error><Code>${refusal.code}</Code><Message>refused</Message></Error>`);
      return;
    }
    try {
      const passed = request(new URL(path, endpoint), { method, headers }); // with its own host, which is signed
      const answered = new Promise<IncomingMessage>((resolve, reject) =>
        passed.on("response", resolve).on("error", reject),
      );
      await pipeline(asked, passed);
      const answer = await answered;
      reply.writeHead(answer.statusCode ?? 502, answer.headers);
      await pipeline(answer, reply);
    } catch {
      reply.destroy(); // as the service's own connection broke
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    endpoint: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
