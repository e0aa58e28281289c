import process from "node:process";
import { afterAll } from "vitest";
import { describeStorage } from "milvus-backup/testing";
import { webdav } from "../src/webdav.ts";
import { startWebdavServer } from "./server.ts";

/** A server of your own can be named: `WEBDAV_URL=http://localhost:8080/ npx vitest run`. */
const server = await startWebdavServer();
afterAll(() => server[Symbol.asyncDispose]());

const url = process.env["WEBDAV_URL"] ?? server.url;
const open = () => webdav.open(webdav.options.parse({ url, username: "backup", password: "secret" }));
describeStorage("webdav", open, { manyObjects: 100 }); // WebDAV has no pages, and five requests an object
