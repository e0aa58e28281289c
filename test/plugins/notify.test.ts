import { Buffer } from "node:buffer";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { notify } from "../../plugins/notify/index.ts";
import { callPlugin, COMPLETE, FACTS, FAILED } from "../support/call-plugin.ts";
import { startHttpServer } from "../support/http-server.ts";

/** What is sent when a run begins, ends well, fails, and is skipped. */
const OUTCOMES = [undefined, COMPLETE, FAILED, { ...COMPLETE, state: "skipped" as const, collections: 0 }];

async function sendAll(options: (url: string) => object) {
  await using server = await startHttpServer();
  for (const outcome of OUTCOMES) await callPlugin(notify, options(server.url), { ...(outcome && { outcome }) });
  return server.requests;
}

const PLACE = "nightly_20261127_020000, from prod to nas";

describe("notify", () => {
  it("notify sends a webhook the facts, the outcome and the words for people", async () => {
    const url = (base: string): object => ({ format: "webhook", url: `${base}/hook`, headers: { "x-token": "t" } });
    const requests = await sendAll(url);
    expect(requests.map(({ method, path, headers }) => [method, path, headers["x-token"]])).toEqual(
      OUTCOMES.map(() => ["POST", "/hook", "t"]),
    );
    expect(requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      { ...FACTS, title: "milvus-backup nightly: started", text: PLACE },
      {
        ...FACTS,
        title: "milvus-backup nightly: complete",
        text: `Backup b1 is complete: 3 collections\n3 of 3 collections whole, 1,234 rows, 2.0 KiB\n${PLACE}`,
        outcome: OUTCOMES[1],
      },
      {
        ...FACTS,
        title: "milvus-backup nightly: failed",
        text: `Milvus does not answer\nhint: is it running\n1 of 3 collections whole, 1,234 rows, 2.0 KiB\n${PLACE}`,
        outcome: OUTCOMES[2],
      },
      {
        ...FACTS,
        title: "milvus-backup nightly: skipped",
        text: `Backup b1 is complete: 3 collections\n${PLACE}`,
        outcome: OUTCOMES[3],
      },
    ]);
  });

  it("notify sends Slack a text whose first line tells well from ill, and no markup of its own", async () => {
    await using server = await startHttpServer();
    const options = { format: "slack", url: `${server.url}/services/T/B/x`, channel: "#ops" };
    await callPlugin(notify, options, { outcome: { ...FAILED, summary: "<!channel> a & b" } });
    await callPlugin(notify, options);
    expect(server.requests.map(({ path, body }) => [path, JSON.parse(body) as unknown])).toEqual([
      [
        "/services/T/B/x",
        {
          channel: "#ops",
          text: [
            ":red_circle: *milvus-backup nightly: failed*",
            "&lt;!channel&gt; a &amp; b",
            "error: Milvus does not answer",
            "hint: is it running",
            "1 of 3 collections whole, 1,234 rows, 2.0 KiB",
            PLACE,
          ].join("\n"),
        },
      ],
      ["/services/T/B/x", { channel: "#ops", text: `:hourglass: *milvus-backup nightly: started*\n${PLACE}` }],
    ]);
  });

  it("notify pings healthchecks: start, ok, fail and log, tied by the run", async () => {
    const requests = await sendAll((base) => ({ format: "healthchecks", url: `${base}/ping/uuid` }));
    const rid = "?rid=20261127-0200-000a-1b2c-3d0000000000";
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /ping/uuid/start${rid}`,
      `POST /ping/uuid${rid}`,
      `POST /ping/uuid/fail${rid}`,
      `POST /ping/uuid/log${rid}`,
    ]);
    expect(requests[2]?.body.split("\n").slice(0, 2)).toEqual([
      "milvus-backup nightly: failed",
      "Milvus does not answer",
    ]);
  });

  it("notify sends ntfy a message, with a high priority when somebody should look at it", async () => {
    const requests = await sendAll((base) => ({ format: "ntfy", url: `${base}/backups`, token: "tk" }));
    expect(
      requests.map(({ headers: { title, priority, tags, authorization } }) => [title, priority, tags, authorization]),
    ).toEqual([
      ["milvus-backup nightly: started", "default", "hourglass", "Bearer tk"],
      ["milvus-backup nightly: complete", "default", "white_check_mark", "Bearer tk"],
      ["milvus-backup nightly: failed", "high", "rotating_light", "Bearer tk"],
      ["milvus-backup nightly: skipped", "default", "white_check_mark", "Bearer tk"],
    ]);
    expect(requests[0]?.body).toBe(PLACE);
  });

  it("notify hands mail to a command, with a header of ASCII and a body that keeps every letter", async () => {
    const folder = await mkdtemp(join(tmpdir(), "notify-"));
    const file = join(folder, "mail");
    const command = ["/bin/sh", "-c", 'printf "%s\\n" "$@" > "$0.args"; cat > "$0"', file, "-t", "-i"];
    const to = ["ops@example.org", "dba@example.org"];
    const options = { format: "sendmail", to, from: "backup@example.org", command };
    await callPlugin(notify, options, { outcome: FAILED, facts: { policy: "nächtlich", target: "ä".repeat(100) } });
    const [head = "", body = ""] = (await readFile(file, "utf8")).split("\n\n");
    expect(await readFile(`${file}.args`, "utf8")).toBe("-t\n-i\n");
    expect(head.split("\n")).toEqual([
      "To: ops@example.org, dba@example.org",
      "From: backup@example.org",
      `Subject: =?UTF-8?B?${Buffer.from("milvus-backup nächtlich: failed").toString("base64")}?=`,
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "Auto-Submitted: auto-generated",
    ]);
    expect(Math.max(...body.split("\n").map((line) => line.length))).toBe(76);
    expect(Buffer.from(body, "base64").toString("utf8").split("\n").slice(0, 2)).toEqual([
      "Milvus does not answer",
      "hint: is it running",
    ]);
    await rm(folder, { recursive: true });
  });

  it.each([
    [["/bin/sh", "-c", "cat > /dev/null; echo no relay; exit 75"], "/bin/sh ended with exit status 75"],
    [["/bin/sh", "-c", "exec kill -9 $$"], "/bin/sh ended with SIGKILL"],
    [["/there/is/none"], "cannot run /there/is/none (ENOENT)"],
  ])("notify fails when the mail command %j does", async (command, message) => {
    const options = { format: "sendmail", to: ["ops@example.org"], command };
    await expect(callPlugin(notify, options)).rejects.toThrow(new Error(message));
  });

  it.each(["webhook", "slack", "healthchecks", "ntfy"])("notify fails when %s answers 403", async (format) => {
    await using server = await startHttpServer(403);
    const said: string[] = [];
    const call = callPlugin(notify, { format, url: `${server.url}/x` }, { say: (text) => void said.push(text) });
    await expect(call).rejects.toThrow(new Error(`${server.url} answered 403`));
    expect(said).toEqual(["status 403"]);
  });

  it.each([{ format: "pager", url: "http://a" }, { format: "slack" }, { format: "sendmail", to: ["a, b@c"] }])(
    "notify refuses the options %j",
    (options) => {
      expect(notify.options.safeParse(options).success).toBe(false);
    },
  );
});
