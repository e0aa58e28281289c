import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ServerCredentials } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { connectMilvus } from "../../src/milvus/connect.ts";
import { connectFake, grpcFailure, ok, startFakeMilvus, type FakeHandlers } from "../support/fake-milvus.ts";
import { createFakeClock } from "../support/fake-clock.ts";

async function failureOf(handlers: FakeHandlers, version?: string): Promise<unknown> {
  await using fake = await startFakeMilvus(handlers, { version });
  return await connectFake(fake).then(
    () => "connected",
    (error: unknown) => error,
  );
}

it("connectMilvus() gives address, version, capabilities and no warning for a known release", async () => {
  await using fake = await startFakeMilvus({}, { version: "v2.6.11" });
  await using milvus = await connectFake(fake);
  expect(milvus).toMatchObject({
    address: fake.address,
    version: { major: 2, minor: 6, patch: 11, text: "v2.6.11" },
    capabilities: { flushAll: true, importsSerial: false },
    warnings: [],
  });
});

it("connectMilvus() says who it is and is known by the server's identifier from then on", async () => {
  await using fake = await startFakeMilvus();
  await using _milvus = await connectFake(fake, { auth: { username: "root", password: "Milvus" }, database: "shop" });
  expect(fake.requests.map(({ rpc, metadata }) => ({ rpc, ...metadata }))).toMatchObject([
    { rpc: "Connect", authorization: "cm9vdDpNaWx2dXM=", dbname: "shop" },
    { rpc: "GetVersion", authorization: "cm9vdDpNaWx2dXM=", dbname: "shop", identifier: "7" },
  ]);
  expect(fake.sent("Connect")[0]).toMatchObject({ client_info: { sdk_type: "milvus-backup-ts", user: "root" } });
});

it("connectMilvus() sends a token as it is", async () => {
  await using fake = await startFakeMilvus();
  await using _milvus = await connectFake(fake, { auth: { token: "key:secret" } });
  expect(fake.requests[0]?.metadata).toMatchObject({ authorization: "a2V5OnNlY3JldA==" });
});

it("connectMilvus() warns about a release newer than any tried", async () => {
  await using fake = await startFakeMilvus({}, { version: "v3.0.1" });
  await using milvus = await connectFake(fake);
  expect(milvus.warnings).toEqual([
    "Milvus v3.0.1 is newer than any release that this tool was tried with (up to 2.6)",
  ]);
});

it("connectMilvus() refuses an old server, also one that does not know Connect", async () => {
  const unknown = (): never => {
    throw grpcFailure("UNIMPLEMENTED", "unknown method Connect");
  };
  const expected = { code: "unreachable", message: expect.stringContaining("is v2.2.8, older than 2.2.9") };
  expect(await failureOf({}, "v2.2.8")).toMatchObject(expected);
  expect(await failureOf({ Connect: unknown }, "v2.2.8")).toMatchObject(expected);
});

it("connectMilvus() refuses Milvus Lite and a server whose version it cannot read", async () => {
  expect(
    await failureOf({ Connect: () => ok({ server_info: { build_tags: "milvus_lite" } }) }, "milvus_lite-3.2.1"),
  ).toMatchObject({
    code: "unreachable",
    message: expect.stringContaining("Milvus Lite keeps no segments"),
  });
  expect(await failureOf({}, "nightly")).toMatchObject({
    code: "unreachable",
    message: expect.stringContaining('it says "nightly", "nightly"'),
  });
});

it("connectMilvus() says denied, without the password, when the server refuses the user", async () => {
  await using fake = await startFakeMilvus({
    Connect: () => {
      throw grpcFailure("UNAUTHENTICATED", "auth check failure, please check username [root] and password are correct");
    },
  });
  const failure = await connectFake(fake, { auth: { username: "root", password: "hunter2" } }).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "denied", hint: expect.stringContaining("user name and password") });
  expect(String(failure)).not.toContain("hunter2");
});

it("connectMilvus() says unreachable with a hint when nobody listens", async () => {
  const fake = await startFakeMilvus();
  await fake[Symbol.asyncDispose]();
  const connecting = connectMilvus({ address: fake.address, clock: createFakeClock(Date.now()) });
  await expect(connecting).rejects.toMatchObject({ code: "unreachable", hint: expect.stringContaining("TLS") });
});

it("connectMilvus() says unreachable when the server does not speak TLS", async () => {
  await using fake = await startFakeMilvus();
  const connecting = connectFake(fake, { tls: {}, clock: createFakeClock(Date.now()) });
  await expect(connecting).rejects.toMatchObject({ code: "unreachable" });
});

it("connectMilvus() names a TLS file that it cannot read, and wants certificate and key together", async () => {
  const address = "localhost:1";
  await expect(connectMilvus({ address, tls: { ca: "/no/such/ca.pem" } })).rejects.toMatchObject({
    code: "invalid",
    message: 'Cannot read the TLS file "/no/such/ca.pem" for Milvus',
  });
  await expect(connectMilvus({ address, tls: { cert: "/a.pem" } })).rejects.toMatchObject({ code: "invalid" });
});

function pem(name: string): string {
  return fileURLToPath(new URL(`tls/${name}.pem`, import.meta.url));
}

/** A server whose certificate says "milvus.test". */
function tlsServer(isMutual: boolean): ServerCredentials {
  const pair = { cert_chain: readFileSync(pem("server")), private_key: readFileSync(pem("server.key")) };
  return ServerCredentials.createSsl(readFileSync(pem("ca")), [pair], isMutual);
}

it("connectMilvus() checks the server's certificate against its own authority and the name it is told", async () => {
  await using fake = await startFakeMilvus({}, { credentials: tlsServer(false) });
  await using milvus = await connectFake(fake, { tls: { ca: pem("ca"), serverName: "milvus.test" } });
  expect(milvus.version.text).toBe("v2.6.4");
  const clock = createFakeClock(Date.now());
  await expect(connectFake(fake, { tls: { ca: pem("ca") }, clock })).rejects.toMatchObject({ code: "unreachable" });
  await expect(connectFake(fake, { tls: { serverName: "milvus.test" }, clock })).rejects.toMatchObject({
    code: "unreachable",
  });
  await using _unchecked = await connectFake(fake, { tls: { serverName: "other.test", skipVerify: true } });
});

it("connectMilvus() shows its certificate where the server wants one", async () => {
  await using fake = await startFakeMilvus({}, { credentials: tlsServer(true) });
  const tls = { ca: pem("ca"), serverName: "milvus.test" };
  await using milvus = await connectFake(fake, { tls: { ...tls, cert: pem("client"), key: pem("client.key") } });
  expect(milvus.version.text).toBe("v2.6.4");
  const withoutCertificate = connectFake(fake, { tls, clock: createFakeClock(Date.now()) });
  await expect(withoutCertificate).rejects.toMatchObject({ code: "unreachable" });
});
