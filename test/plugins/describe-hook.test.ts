/** The conformance kit on the hooks that need a server, which is there before the tests are named. */
import { afterAll } from "vitest";
import { http } from "../../plugins/hook-http/index.ts";
import { notify } from "../../plugins/notify/index.ts";
import { describeHook } from "../../src/testing.ts";
import { startHttpServer } from "../support/http-server.ts";

const server = await startHttpServer();
afterAll(() => server[Symbol.asyncDispose]());

describeHook(http, { options: { url: server.url }, wrong: [{}, { url: "a" }] });
for (const format of ["webhook", "slack", "healthchecks", "ntfy"]) {
  describeHook(notify, { options: { format, url: server.url }, wrong: [{ format }] });
}
describeHook(notify, {
  options: { format: "sendmail", to: ["ops@example.org"], command: ["/bin/sh", "-c", "cat > /dev/null"] },
});
