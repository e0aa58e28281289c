/** As much of a WebDAV server as the storage needs, in memory. */
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface WebdavServer extends AsyncDisposable {
  readonly url: string;
}

/** What is in a folder, by name. */
type Folder = Map<string, Folder | Buffer>;

export async function startWebdavServer(): Promise<WebdavServer> {
  const tree: Folder = new Map();
  const server = createServer((request, response) => {
    answer(tree, request, response).catch((error: unknown) => {
      if (request.destroyed) return; // the client broke off: nothing is kept
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}/dav`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(tree: Folder, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = pathOf(request.url ?? "");
  const body = await readAll(request);
  const reply = (status: number, text: string | Buffer = "", headers = {}): void =>
    void response.writeHead(status, headers).end(text);
  switch (request.method) {
    case "PROPFIND":
      return sendProperties({ tree, path, isDeep: request.headers["depth"] === "1" }, reply);
    case "MKCOL":
      return reply(makeFolder(tree, path));
    case "PUT":
      return reply(put(tree, path, body));
    case "GET":
      return sendFile(find(tree, path), request, reply);
    case "DELETE":
      return reply(remove(tree, path));
    case "MOVE":
      return reply(move(tree, path, request));
    default:
      return reply(405);
  }
}

function pathOf(url: string): string {
  const { pathname } = new URL(url, "http://base");
  return decodeURIComponent(pathname.replace(/^\/dav\/?/, "")).replace(/\/$/, "");
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  if (!request.complete) throw new Error("the body broke off");
  return Buffer.concat(chunks);
}

/** What is at a path; the root at "". */
function find(tree: Folder, path: string): Folder | Buffer | undefined {
  const parts = path === "" ? [] : path.split("/");
  return parts.reduce<Folder | Buffer | undefined>((at, part) => (at instanceof Map ? at.get(part) : undefined), tree);
}

/** The folder that holds the path, if it is there, and the name in it. */
function holderOf(tree: Folder, path: string): { readonly folder: Folder | undefined; readonly name: string } {
  const parts = path.split("/");
  const folder = find(tree, parts.slice(0, -1).join("/"));
  return { folder: folder instanceof Map ? folder : undefined, name: parts.at(-1) ?? "" };
}

function put(tree: Folder, path: string, content: Folder | Buffer): number {
  const { folder, name } = holderOf(tree, path);
  folder?.set(name, content);
  return folder === undefined ? 409 : 201;
}

function makeFolder(tree: Folder, path: string): number {
  return find(tree, path) === undefined ? put(tree, path, new Map()) : 405;
}

function remove(tree: Folder, path: string): number {
  const { folder, name } = holderOf(tree, path);
  return folder?.delete(name) ? 204 : 404;
}

function move(tree: Folder, from: string, { headers }: IncomingMessage): number {
  const to = pathOf(String(headers["destination"]));
  const content = find(tree, from);
  if (content === undefined) return 404;
  if (headers["overwrite"] === "F" && find(tree, to) !== undefined) return 412;
  const status = put(tree, to, content);
  if (status === 201) remove(tree, from);
  return status;
}

type Reply = (status: number, text?: string | Buffer, headers?: Record<string, string>) => void;

function sendFile(content: Folder | Buffer | undefined, { headers }: IncomingMessage, reply: Reply): void {
  if (!(content instanceof Buffer)) return reply(404);
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  if (start === undefined || end === undefined) return reply(200, content);
  return reply(206, content.subarray(Number(start), Number(end) + 1));
}

interface Asked {
  readonly tree: Folder;
  readonly path: string;
  readonly isDeep: boolean;
}

function sendProperties({ tree, path, isDeep }: Asked, reply: Reply): void {
  const found = find(tree, path);
  if (found === undefined) return reply(404);
  const children = isDeep && found instanceof Map ? [...found] : [];
  const below = path === "" ? "" : `${path}/`;
  const responses = [describe(path, found), ...children.map(([name, content]) => describe(`${below}${name}`, content))];
  return reply(207, `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">${responses.join("")}</D:multistatus>`);
}

function describe(path: string, content: Folder | Buffer): string {
  const href = `/dav/${path.split("/").map(encodeURIComponent).join("/")}`.replaceAll("&", "&amp;");
  const kind = content instanceof Map ? "<D:resourcetype><D:collection/></D:resourcetype>" : propertiesOf(content);
  return `<D:response><D:href>${href}</D:href><D:propstat><D:prop>${kind}</D:prop></D:propstat></D:response>`;
}

const versions = new WeakMap<Buffer, number>();
let version = 0;

function propertiesOf(content: Buffer): string {
  const known = versions.get(content) ?? (version += 1);
  versions.set(content, known);
  return `<D:resourcetype/><D:getcontentlength>${content.length}</D:getcontentlength><D:getetag>&quot;v${known}&quot;</D:getetag>`;
}
