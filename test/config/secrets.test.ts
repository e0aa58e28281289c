import { Buffer } from "node:buffer";
import process from "node:process";
import { describe, expect, it, vi } from "vitest";
import { openStorage } from "../../src/config/open-storage.ts";
import { revealAuth } from "../../src/config/reveal-auth.ts";
import { createSecretStore } from "../../src/config/secrets.ts";
import { findSource, findStorage } from "../../src/config/find.ts";
import type { Secret } from "../../src/core/contracts/secret.ts";
import { createConfigFolder, minimalConfig } from "../support/config-folder.ts";
import { IS_DENO } from "../support/deno.ts";

const CANARY = "canary-4711";

/** What a program of these arguments prints: this very runtime is the program that is surely there. */
const evaluate = (code: string): Secret => {
  const flags = IS_DENO ? ["eval", code] : ["-e", code];
  return { command: [process.execPath, ...flags] };
};

const request = { path: ["sources", "prod", "auth", "password"] };
const WHERE = "Cannot get the secret sources.prod.auth.password";

const config = (auth: unknown, storage: object = {}): unknown => ({
  ...minimalConfig,
  sources: { prod: { ...minimalConfig.sources.prod, auth } },
  storages: { ...minimalConfig.storages, mem: { type: "memory", ...storage } },
});

describe("reveal()", () => {
  it("reveal() gets a secret from the environment, a file beside the config, and a command", async () => {
    await using folder = await createConfigFolder({ "secrets/password": `${CANARY}\n` });
    const store = createSecretStore({ directory: folder.path, env: { PASSWORD: CANARY, PATH: process.env["PATH"] } });
    const secrets: Secret[] = [{ env: "PASSWORD" }, { file: "secrets/password" }, evaluate(`console.log("${CANARY}")`)];
    const values = await Promise.all(secrets.map((secret) => store.reveal(secret, request)));
    expect(values).toEqual([CANARY, CANARY, CANARY]);
  });

  it("reveal() gets a secret that systemd gives a unit, and one of Docker", async () => {
    await using folder = await createConfigFolder({ "systemd/pw": `${CANARY}\n`, "docker/pw": `${CANARY}-2` });
    const store = createSecretStore({
      directory: "/",
      env: { CREDENTIALS_DIRECTORY: `${folder.path}/systemd` },
      dockerSecrets: `${folder.path}/docker`,
    });
    const values = [{ credential: "pw" }, { dockerSecret: "pw" }].map((secret) => store.reveal(secret, request));
    expect(await Promise.all(values)).toEqual([CANARY, `${CANARY}-2`]);
  });

  it("reveal() asks once, so that a command does not run twice", async () => {
    await using folder = await createConfigFolder({});
    const store = createSecretStore({ directory: folder.path, env: {} });
    const random = evaluate("console.log(Math.random())");
    expect(await store.reveal(random, request)).toBe(await store.reveal(random, request));
  });

  it("reveal() gives a command only the environment of the run", async () => {
    vi.stubEnv("STRAY", "stray");
    await using folder = await createConfigFolder({});
    const store = createSecretStore({ directory: folder.path, env: { ONLY: CANARY } });
    const print = 'import("node:process").then(({ default: p }) => console.log(p.env.ONLY, p.env.STRAY))';
    expect(await store.reveal(evaluate(print), request)).toBe(`${CANARY} undefined`);
    vi.unstubAllEnvs();
  });

  it.each([
    ["a variable that is not set", { env: "NONE" }, "the environment variable NONE is not set", "set NONE"],
    ["a variable that is empty", { env: "EMPTY" }, "the environment variable EMPTY is empty", "put the secret there"],
    ["a file that is not there", { file: "none" }, "the file none cannot be read: ENOENT", "put the secret there"],
    ["an empty file", { file: "empty" }, "the file empty is empty", "put the secret there"],
    [
      "a program that is not there",
      { command: ["no-such-program"] },
      "the command no-such-program cannot be run (ENOENT)",
      "see in ",
    ],
    [
      "no unit of systemd",
      { credential: "pw" },
      "the systemd credential pw is not there, since CREDENTIALS_DIRECTORY is not set",
      "start this by a systemd unit with LoadCredential=pw:PATH",
    ],
    [
      "no such Docker secret",
      { dockerSecret: "none" },
      "the Docker secret none cannot be read: ENOENT",
      "put the secret there",
    ],
  ])("reveal() says why, where and what to do when there is %s", async (...[, secret, fault, hint]) => {
    await using folder = await createConfigFolder({ empty: "\n" });
    const store = createSecretStore({ directory: folder.path, env: { EMPTY: "" }, dockerSecrets: folder.path });
    await expect(store.reveal(secret, request)).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining(`${WHERE}: ${fault}`),
      hint: expect.stringContaining(hint),
    });
  });

  it.each([{ credential: "../pw" }, { dockerSecret: "a/b" }, { credential: ".." }])(
    "loadConfig() refuses %j, which is not a file of that folder",
    async (secret) => {
      await using folder = await createConfigFolder({ "milvus-backup.config.json": config({ token: secret }) });
      expect((await folder.loadError()).message).toContain("expected a name without slashes");
    },
  );

  it("reveal() tells nothing that a failing command printed", async () => {
    await using folder = await createConfigFolder({});
    const store = createSecretStore({ directory: folder.path, env: { CANARY } });
    const print = "console.log(p.env.CANARY); console.error(p.env.CANARY); p.exit(3)";
    const failing = evaluate(`import("node:process").then(({ default: p }) => { ${print} })`);
    const error: unknown = await store.reveal(failing, request).catch((reason: unknown) => reason);
    expect(error instanceof Error && [error.message, error.cause]).toEqual([
      `${WHERE}: the command ${process.execPath} ended with exit status 3`,
      undefined,
    ]);
  });

  it("reveal() ends with the signal's reason when the run is stopped", async () => {
    const store = createSecretStore({ directory: "/", env: {} });
    const signal = AbortSignal.timeout(50);
    const reveal = store.reveal(evaluate("setInterval(() => {}, 1000)"), { ...request, signal });
    await expect(reveal).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

describe("revealAll()", () => {
  it("revealAll() replaces every secret in the data, and tells the path of one that is missing", async () => {
    const store = createSecretStore({ directory: "/", env: { A: "aaaa", B: "bbbb" } });
    const data = { key: { env: "A" }, list: [{ env: "B" }, "c"], env: "d", other: { env: "E", and: "F" } };
    expect(await store.revealAll(data, { path: [] })).toEqual({
      key: "aaaa",
      list: ["bbbb", "c"],
      env: "d",
      other: { env: "E", and: "F" },
    });
    await expect(store.revealAll({ a: [{ env: "NONE" }] }, { path: ["storages", "x"] })).rejects.toThrow(
      "Cannot get the secret storages.x.a[0]: the environment variable NONE is not set",
    );
  });
});

describe("mask()", () => {
  it("mask() hides the secrets revealed so far, also escaped, the longest first", async () => {
    const store = createSecretStore({ directory: "/", env: { A: 'se"cret/1', B: 'se"cret/1-and-more', C: "abc" } });
    expect(store.mask('se"cret/1')).toBe('se"cret/1');
    for (const env of ["A", "B", "C"]) await store.reveal({ env }, { path: [] });
    const shown = 'a se"cret/1 b se"cret/1-and-more c {"k":"se\\"cret/1"} d se%22cret%2F1 e abc';
    expect(store.mask(shown)).toBe('a *** b *** c {"k":"***"} d *** e abc');
  });
});

describe("mask() of Base64", () => {
  it.each(["", "a", "ab", "root:"])("mask() hides the word of Base64 that a secret behind %j is in", async (before) => {
    const store = createSecretStore({ directory: "/", env: { A: "se+cret/4711" } });
    await store.reveal({ env: "A" }, { path: [] });
    const word = Buffer.from(`${before}se+cret/4711`).toString("base64");
    expect(store.mask(`authorization: ${word}, and more`)).toBe("authorization: ***, and more");
  });
});

describe("secrets in a config", () => {
  it("loadConfig() refuses a secret in plain text, says how to give it, and does not repeat it", async () => {
    const reference =
      'a secret is only given by reference: { env: "NAME" }, { file: "path" }, { command: ["program", "argument"] }, { credential: "NAME" }, { dockerSecret: "NAME" } or { provider: "NAME", … }';
    for (const [name, content] of [
      ["milvus-backup.config.json", config({ username: "root", password: CANARY }, { sessionToken: CANARY })],
      ["milvus-backup.config.yaml", JSON.stringify(config({ token: "${CANARY}" }, { a: { apiKey: "${CANARY}" } }))],
      [
        "milvus-backup.config.ts",
        `export default ${JSON.stringify(config({ token: CANARY }, { secretAccessKey: CANARY }))}`,
      ],
    ] as const) {
      await using folder = await createConfigFolder({ [name]: content });
      const error = await folder.loadError({ env: { CANARY } });
      expect(error.message.split(reference)).toHaveLength(3);
      expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain(CANARY);
    }
  });

  it("loadConfig() quotes no line with a secret, even when the file cannot be parsed", async () => {
    for (const text of [
      `auth: { password: "${CANARY}" }\nauth: 1\n`,
      `sources:\n  prod: { address: "a", auth: { token: ${CANARY} }, storge: x }\n`,
      `x: [ { secretAccessKey: ${CANARY} }\n`,
      `a: { password: &x ${CANARY}, b: *x, c: *y }\n`,
      `password: ${CANARY}: ${CANARY}\n`,
      `sources: { prod: { address: "https://root:${CANARY}@host:19530", storage: x } }\n`,
    ]) {
      await using folder = await createConfigFolder({ "milvus-backup.config.yaml": text });
      const error = await folder.loadError();
      expect(error.message + JSON.stringify(error.facts)).not.toContain(CANARY);
    }
    const json = `{ "version": 1, "sources": { "a": { "auth": { "token": ${CANARY} } } } }`;
    await using folder = await createConfigFolder({ "milvus-backup.config.json": json });
    expect((await folder.loadError()).message).not.toContain(CANARY);
  });

  it("loadConfig() shows the variable and not its value when the value is wrong", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.ts": `export default ${JSON.stringify({
        ...minimalConfig,
        sources: { prod: { address: "${CANARY} x", storage: "${CANARY}" } },
        policies: { p: { source: "${CANARY}", targets: [{ storage: "nas" }], consistency: "${CANARY}" } },
      })}`,
    });
    const { message } = await folder.loadError({ env: { CANARY } });
    expect(message).toContain('sources.prod.storage: there is no storage "${CANARY}"');
    expect(message).toContain('policies.p.source: there is no source "${CANARY}"');
    expect(message).not.toContain(CANARY);
  });

  it("loadConfig() fetches no secret; it is fetched for the source or storage that is used", async () => {
    await using folder = await createConfigFolder({
      "milvus-backup.config.json": config({ username: "root", password: { env: "PW" } }, { name: { env: "NAME" } }),
    });
    const loaded = await folder.load({ env: { PW: CANARY } });
    expect(await revealAuth(loaded.secrets, findSource(loaded, "prod"))).toEqual({
      username: "root",
      password: CANARY,
    });
    await expect(openStorage(loaded, findStorage(loaded, "mem"))).rejects.toThrow(
      "Cannot get the secret storages.mem.name: the environment variable NAME is not set",
    );
    expect(JSON.stringify([...loaded.sources, ...loaded.storages, ...loaded.policies])).not.toContain(CANARY);
    expect(loaded.secrets.mask(`the password is ${CANARY}`)).toBe("the password is ***");
  });

  it("revealAuth() gives a token, or nothing when the source has no auth", async () => {
    await using folder = await createConfigFolder({ "milvus-backup.config.json": config({ token: { env: "TOKEN" } }) });
    const loaded = await folder.load({ env: { TOKEN: CANARY } });
    expect(await revealAuth(loaded.secrets, findSource(loaded, "prod"))).toEqual({ token: CANARY });
    await using plain = await createConfigFolder({ "milvus-backup.config.json": minimalConfig });
    const other = await plain.load();
    expect(await revealAuth(other.secrets, findSource(other, "prod"))).toBeUndefined();
  });
});
