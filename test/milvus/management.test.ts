import { describe, expect, it } from "vitest";
import { createManagement } from "../../src/milvus/management.ts";
import { MilvusError } from "../../src/milvus/errors.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { startFakeManagement } from "../support/fake-management.ts";
import { startHttpServer } from "../support/http-server.ts";

async function failureOf(work: Promise<unknown>): Promise<MilvusError> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  if (error instanceof MilvusError) return error;
  throw new Error("It did not fail as Milvus does", { cause: error });
}

const clock = createFakeClock();

describe("createManagement()", () => {
  it("pauseGc() pauses for everybody on a server without tickets, and resumeGc() ends that", async () => {
    await using fake = await startFakeManagement("all");
    const { pauseGc, resumeGc } = createManagement({ url: `${fake.url}/` });
    expect(await pauseGc(900)).toBeUndefined();
    expect([...fake.pauses]).toEqual([["all", 900]]);
    await resumeGc(undefined);
    expect([...fake.pauses]).toEqual([]);
    expect(fake.requests).toEqual(["pause?pause_seconds=900&collection_id=0", "resume"]);
  });

  it("pauseGc() gives the ticket, wherever the server has it, and resumeGc() ends its pause only", async () => {
    await using fake = await startFakeManagement("tickets");
    fake.pause("of another");
    const { pauseGc, resumeGc } = createManagement({ url: fake.url });
    const ticket = await pauseGc(900);
    expect(ticket).toBe("ticket=1");
    await resumeGc(ticket);
    expect([...fake.pauses.keys()]).toEqual(["of another"]);
    await using inData = await startHttpServer('{"msg":"OK","data":{"ticket":"t"}}');
    expect(await createManagement({ url: inData.url }).pauseGc(1)).toBe("t");
  });

  it("checkGcPause() pauses nothing, and tells a server that can from those that cannot", async () => {
    await using fake = await startFakeManagement("tickets");
    await createManagement({ url: fake.url }).checkGcPause();
    expect([...fake.pauses]).toEqual([]);
    await using old = await startHttpServer(404);
    const error = await failureOf(createManagement({ url: old.url }).checkGcPause());
    expect([error.kind, error.message]).toEqual([
      "unsupported",
      `Milvus's management port at ${old.url} answers 404 to pause`,
    ]);
    await using other = await startHttpServer("<html>");
    await expect(createManagement({ url: other.url }).checkGcPause()).rejects.toThrow(/answers 200 to pause: <html>$/);
  });

  it.each([
    ["<html>welcome</html>", "other", "answers 200 to pause: <html>welcome</html>"],
    ['{"msg":"fine"}', "other", "answers 200 to pause: fine"],
    [401, "denied", "answers 401 to pause: status 401"],
    [302, "other", "answers 302 to pause: status 302"],
  ])("pauseGc() does not believe a server that answers %s", async (answer, kind, message) => {
    await using server = await startHttpServer(answer);
    const error = await failureOf(createManagement({ url: server.url }).pauseGc(900));
    expect([error.kind, error.message]).toEqual([kind, expect.stringContaining(message)]);
    expect(server.requests).toHaveLength(1);
  });

  it("pauseGc() asks a server that is away again, and says then what it failed of", async () => {
    const error = await failureOf(createManagement({ url: "http://127.0.0.1:1", clock }).pauseGc(900));
    expect([error.kind, error.code, error.hint]).toEqual([
      "unreachable",
      "unreachable",
      expect.stringContaining("9091"),
    ]);
    expect(clock.sleeps).toHaveLength(3);
  });

  it("pauseGc() waits for no answer beyond its deadline, or beyond its signal", async () => {
    await using fake = await startFakeManagement("all");
    fake.trouble(() => "hang");
    const { pauseGc } = createManagement({ url: fake.url });
    expect((await failureOf(pauseGc(900, { deadline: Date.now() + 20 }))).kind).toBe("timeout");
    const controller = new AbortController();
    const asked = pauseGc(900, { signal: controller.signal });
    controller.abort(new Error("stopped"));
    await expect(asked).rejects.toThrow("stopped");
  });

  it.each([
    [{ username: "root", password: "secret" }, `Basic ${btoa("root:secret")}`],
    [{ token: "root:secret" }, `Basic ${btoa("root:secret")}`],
    [{ token: "key" }, "Bearer key"],
  ])("pauseGc() logs in with %j", async (auth, header) => {
    await using fake = await startFakeManagement("all");
    await createManagement({ url: fake.url, auth: async () => auth }).pauseGc(900);
    expect(fake.authorization()).toBe(header);
  });

  it("resumeGc() masks what the server quotes, and takes a collector that is off for one that is not paused", async () => {
    await using quoting = await startHttpServer('{"msg":"what is secret?"}');
    const mask = (text: string): string => text.replaceAll("secret", "***");
    await expect(createManagement({ url: quoting.url, mask }).resumeGc(undefined)).rejects.toThrow("what is ***?");
    await using fake = await startFakeManagement("tickets");
    const { resumeGc } = createManagement({ url: fake.url });
    await expect(resumeGc(undefined)).rejects.toThrow("answers 500 to resume");
    fake.trouble(() => [500, "failed to resume garbage collection, garbage collection not enabled"]);
    await resumeGc(undefined);
  });
});
