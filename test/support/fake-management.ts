/** Milvus's management port as the releases have it, as far as pauses of the garbage collection go. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** all: before 2.6.8, one pause for everybody. tickets: one for each who asks, which only its ticket ends. */
type Kind = "all" | "tickets";

/** In place of what it would answer: a status with a message, or nothing ever; undefined answers as always. */
type Trouble = (path: string) => readonly [status: number, message: string] | "hang" | undefined;

export interface FakeManagement extends AsyncDisposable {
  readonly url: string;
  /** Path and query of each request, behind the part that all have. */
  readonly requests: readonly string[];
  /** The authorization of the newest request. */
  readonly authorization: () => string | undefined;
  /** Tickets of the pauses that hold; "all" of the one for everybody. */
  readonly pauses: ReadonlyMap<string, number>;
  /** Pauses as somebody else. */
  pause(ticket: string): void;
  trouble(trouble: Trouble | undefined): void;
}

type Answer = readonly [status: number, body: object];

const ROUTE = "/management/datacoord/garbage_collection/";

export async function startFakeManagement(kind: Kind): Promise<FakeManagement> {
  const requests: string[] = [];
  const pauses = new Map<string, number>();
  let trouble: Trouble | undefined;
  let authorization: string | undefined;
  let tickets = 0;
  const answer = (path: string): Answer => {
    const { pathname, searchParams } = new URL(path, "http://fake/");
    const ticket = searchParams.get("ticket");
    if (pathname === "/pause") return pauseFor(Number(searchParams.get("pause_seconds") ?? Number.NaN));
    if (kind === "tickets" && ticket === null) return [500, { msg: 'failed to resume garbage collection, parsing ""' }];
    pauses.delete(ticket ?? "all");
    return [200, { msg: "OK" }];
  };
  const pauseFor = (seconds: number): Answer => {
    if (Number.isNaN(seconds)) return [500, { msg: "failed to pause garbage collection, invalid syntax" }];
    const ticket = kind === "all" ? "all" : `ticket=${(tickets += 1)}`;
    pauses.set(ticket, seconds);
    return [200, { msg: "OK", ...(kind === "tickets" && { ticket }) }];
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? "").slice(ROUTE.length);
    requests.push(path);
    ({ authorization } = request.headers);
    const instead = trouble?.(path);
    if (instead === "hang") return;
    const [status, body] = instead === undefined ? answer(path) : [instead[0], { msg: instead[1] }];
    response.writeHead(status).end(JSON.stringify(body));
  };
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    pauses,
    authorization: () => authorization,
    pause: (ticket) => void pauses.set(ticket, 900),
    trouble: (given) => void (trouble = given),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
