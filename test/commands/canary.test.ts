/** No secret reaches what is printed, logged or written, whatever servers say of it. */
import { Buffer } from "node:buffer";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLocal } from "../../plugins/storage-local/local.ts";
import { builtinStorages } from "../../src/builtins.ts";
import { configFileSchema } from "../../src/config/json-schema.ts";
import type { JsonSchema } from "../../src/config/json-schema-part.ts";
import { openJsonLog } from "../../src/commands/stderr.ts";
import { type ConfigFolder, createConfigFolder } from "../support/config-folder.ts";
import { type FakeMilvus, grpcFailure, startFakeMilvus } from "../support/fake-milvus.ts";
import { createMilvusWorld } from "../support/milvus-world.ts";
import { runCommand } from "../support/run-command.ts";

const CANARY = 'cana"ry/4711+x';

/** Every field of a config that holds a secret and nothing else: what this test puts a canary into. */
const FIELDS = [
  "sources.NAME.auth.password",
  "sources.NAME.auth.token",
  "storages.NAME.credentials.secretAccessKey",
  "storages.NAME.credentials.sessionToken",
];

/** The canary as it is, escaped, and in Base64 wherever it begins there. */
const FORMS = [
  CANARY,
  JSON.stringify(CANARY).slice(1, -1),
  encodeURIComponent(CANARY),
  CANARY.replaceAll('"', "&quot;"),
  ...[0, 1, 2].map((offset) =>
    Buffer.from(" ".repeat(offset) + CANARY)
      .toString("base64")
      .slice(offset && offset + 1, -4),
  ),
];

/** A provider that reads a file, and tells all that it knows when it cannot. */
const VAULT = `
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { defineSecretProvider } from "milvus-backup/plugin";

export default defineSecretProvider({
  apiVersion: 1,
  name: "vault",
  options: z.strictObject({ file: z.string(), token: z.string() }),
  reveal: async ({ file, token }, { directory }) => {
    if (file === "none") throw new Error("refused " + token, { cause: new Error(Buffer.from("u:" + token).toString("base64")) });
    return readFile(join(directory, "secrets", file), "utf8");
  },
});
`;

let folder: ConfigFolder;
let world: FakeMilvus;
let hostile: FakeMilvus;
let bucket: Server;
let env: Record<string, string>;

beforeAll(async () => {
  const milvus = await createMilvusWorld(["default.a"]);
  world = await startFakeMilvus(milvus.handlers, { version: "v2.3.5" });
  const quoted = `${CANARY} and ${Buffer.from(`root:${CANARY}`).toString("base64")}`;
  const refuse = (): never => {
    throw grpcFailure("UNAUTHENTICATED", `auth check failure: ${quoted}`);
  };
  hostile = await startFakeMilvus({ Connect: refuse, GetVersion: refuse });
  bucket = await startEcho();
  folder = await createConfigFolder({
    "milvus-backup.config.json": configOf(),
    "vault.ts": VAULT,
    "secrets/key": CANARY,
    "secrets/token": CANARY,
  });
  await mkdir(join(folder.path, "data"));
  await using data = await openLocal(join(folder.path, "data"), false);
  await milvus.seed(data);
  env = { PW: CANARY, CREDENTIALS_DIRECTORY: join(folder.path, "secrets"), PATH: process.env["PATH"] ?? "" };
});

afterAll(async () => {
  bucket.close();
  await Promise.all([world, hostile, folder].map((one) => one[Symbol.asyncDispose]()));
});

/** An S3 that refuses everything, and says with what it was asked. */
async function startEcho(): Promise<Server> {
  const server = createServer((request: IncomingMessage, response) => {
    const headers = JSON.stringify(request.headers).replaceAll('"', "&quot;");
    response.writeHead(403, { "content-type": "application/xml", "x-echo": "1" });
    response.end(`<Error><Code>AccessDenied</Code><Message>refused ${headers} ${CANARY}</Message></Error>`);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return server;
}

function configOf(): object {
  const { port } = bucket.address() as AddressInfo; // of a server on a port
  const targets = [{ storage: "nas" }];
  const s3 = { type: "s3", bucket: "b", endpoint: `http://127.0.0.1:${port}` };
  const provided = (file: string): object => ({
    accessKeyId: "id",
    secretAccessKey: { provider: "vault", file, token: { file: "secrets/token" } },
  });
  return {
    version: 1,
    plugins: ["./vault.ts"],
    sources: {
      prod: { address: world.address, auth: { username: "root", password: { env: "PW" } }, storage: "data" },
      hostile: {
        address: hostile.address,
        auth: { token: { command: ["cat", "secrets/token"] } },
        storage: "bucket",
      },
    },
    storages: {
      data: { type: "local", path: "./data", prefix: "files" },
      nas: { type: "local", path: "./nas" },
      bucket: {
        ...s3,
        credentials: {
          accessKeyId: "id",
          secretAccessKey: { file: "secrets/key" },
          sessionToken: { credential: "token" },
        },
      },
      vaulted: { ...s3, credentials: provided("key") },
      sealed: { ...s3, credentials: provided("none") },
    },
    policies: {
      nightly: { source: "prod", targets },
      refused: { source: "hostile", targets },
      denied: { source: "prod", targets: [{ storage: "bucket" }] },
    },
  };
}

function expectNoCanary(text: string): void {
  expect(FORMS.filter((form) => text.includes(form))).toEqual([]);
}

/** The paths in a schema whose value can only be a secret; NAME stands for the keys of a record. */
function secretPaths(schema: JsonSchema, path: readonly string[] = []): readonly string[] {
  const { properties = {}, additionalProperties: values, items, anyOf: ways = [], allOf: parts = [] } = schema;
  if (parts.some(({ $ref }) => $ref === "#/definitions/Secret")) return [path.join(".")];
  const isText = ways.some(({ type }) => type === "string");
  return [
    ...Object.entries(properties).flatMap(([key, one]) => secretPaths(one, [...path, key])),
    ...(typeof values === "object" ? secretPaths(values, [...path, "NAME"]) : []),
    ...(items === undefined ? [] : secretPaths(items, [...path, "0"])),
    ...(isText ? [] : ways.flatMap((way) => secretPaths(way, path))),
    ...parts.flatMap(({ then: one }) => (one === undefined ? [] : secretPaths(one as JsonSchema, path))), // by its keyword
  ];
}

it("there is no other field for secrets, and each has a canary here", async () => {
  expect(secretPaths(await configFileSchema(builtinStorages)).toSorted()).toEqual(FIELDS);
  const config = JSON.stringify(configOf());
  for (const field of FIELDS)
    expect(config).toMatch(new RegExp(`"${field.split(".").at(-1)}":\\{"(env|file|command|credential)"`));
});

describe("a canary in every secret", () => {
  it.each([
    [0, ["validate"]],
    [12, ["validate", "--online"]],
    [0, ["config show", "--origin"]],
    [0, ["config show", "--json", "--origin"]],
    [0, ["plan", "nightly", "--out", "plan.json"]],
    [0, ["run", "nightly", "--json"]],
    [12, ["list"]],
    [0, ["check", "nightly"]],
    [12, ["check", "refused"]],
    [12, ["check", "denied", "--json"]],
    [12, ["plan", "refused"]],
    [12, ["run", "refused", "denied", "--json"]],
    [12, ["list", "--target", "bucket"]],
    [12, ["list", "--target", "vaulted"]],
    [13, ["list", "--target", "sealed", "--json"]],
    [13, ["create", "-n", "b1", "--source", "prod", "--target", "sealed"]],
    [12, ["get", "b1", "--target", "bucket"]],
    [12, ["create", "-n", "b1", "--source", "hostile", "--target", "nas"]],
    [12, ["create", "-n", "b1", "--source", "prod", "--target", "bucket"]],
    [12, ["restore", "b1", "--source", "hostile", "--target", "bucket"]],
  ] as const)(
    "ends with %i and is nowhere in what %j prints, for people or as a log",
    async (status, [name, ...args]) => {
      const place = { cwd: folder.path, env };
      const logged: string[] = [];
      const log = await openJsonLog({ write: (text: string) => logged.push(text) });
      const result = await runCommand(place, name, ...args);
      await runCommand({ ...place, log }, name, ...args);
      expectNoCanary(`${result.stdout}\n${result.stderr}\n${logged.join("")}`);
      expect(result.status).toBe(status);
    },
    60_000,
  );

  it("is in no file that was written", async () => {
    const files = await readdir(folder.path, { recursive: true, withFileTypes: true });
    const written = files.filter((file) => file.isFile() && !file.parentPath.endsWith("secrets"));
    expect(written.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["plan.json", "manifest.json", "full_meta.json"]),
    );
    for (const { parentPath, name } of written) expectNoCanary(await readFile(join(parentPath, name), "latin1"));
  });
});
