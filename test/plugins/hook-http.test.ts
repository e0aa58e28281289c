import { describe, expect, it } from "vitest";
import { http } from "../../plugins/hook-http/index.ts";
import { callPlugin, COMPLETE, FACTS } from "../support/call-plugin.ts";
import { startHttpServer } from "../support/http-server.ts";

describe("http", () => {
  it("http posts the facts as JSON, and the outcome with them", async () => {
    await using server = await startHttpServer();
    await callPlugin(http, { url: `${server.url}/a?b=c` });
    await callPlugin(http, { url: server.url }, { outcome: COMPLETE });
    const told = server.requests.map(({ method, path, headers, body }) => {
      return [method, path, headers["content-type"], JSON.parse(body) as unknown];
    });
    expect(told).toEqual([
      ["POST", "/a?b=c", "application/json", FACTS],
      ["POST", "/", "application/json", { ...FACTS, outcome: COMPLETE }],
    ]);
  });

  it("http sends the method, headers and body that it is given, and no body with GET", async () => {
    await using server = await startHttpServer();
    const headers = { authorization: "Bearer t", "content-type": "text/plain" };
    await callPlugin(http, { url: server.url, method: "PUT", headers, body: "quiet" });
    await callPlugin(http, { url: server.url, method: "GET" });
    expect(
      server.requests.map(({ method, headers: { authorization }, body }) => [method, authorization, body]),
    ).toEqual([
      ["PUT", "Bearer t", "quiet"],
      ["GET", undefined, ""],
    ]);
    expect(server.requests[0]?.headers["content-type"]).toBe("text/plain");
  });

  it("http fails when the answer is not 2xx, says what it was, and tells of the URL only where it goes", async () => {
    await using server = await startHttpServer(500);
    const said: string[] = [];
    const call = callPlugin(http, { url: `${server.url}/secret` }, { say: (text) => void said.push(text) });
    await expect(call).rejects.toThrow(new Error(`${server.url} answered 500`));
    expect(said).toEqual(["status 500"]);
  });

  it("http that reaches nobody says so, without the path", async () => {
    const call = callPlugin(http, { url: "http://127.0.0.1:1/secret" });
    await expect(call).rejects.toThrow(new Error("cannot reach http://127.0.0.1:1"));
  });

  it("http ends with its signal", async () => {
    await using server = await startHttpServer();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(callPlugin(http, { url: server.url }, { signal })).rejects.toThrow("enough");
    expect(server.requests).toEqual([]);
  });

  it.each([{ url: "ftp://a" }, { url: "hooks.example" }, {}, { url: "http://a", verb: "GET" }])(
    "http refuses the options %j",
    (options) => {
      expect(http.options.safeParse(options).success).toBe(false);
    },
  );
});
