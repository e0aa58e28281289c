import { homedir } from "node:os";
import { describe, expect, it } from "vitest";
import { targetName } from "../../src/commands/open-places.ts";
import { emptyConfig } from "../../src/config/load-config.ts";
import { findPlace } from "../../src/config/place.ts";
import { isBackupError } from "../../src/core/errors.ts";
import { createConfigFolder, minimalConfig, storagePlugins } from "../support/config-folder.ts";

const config = emptyConfig({ cwd: "/cwd", env: {}, storagePlugins });
const place = (text: string) => findPlace(config, text, "/cwd");
const local = (path: string) => ({ name: path, type: "local", prefix: "", readableByMilvus: false, options: { path } });

describe("findPlace()", () => {
  it("findPlace() takes a path, relative to the working directory", () => {
    expect(["./x", "x/y", "/z", "..", "~/b"].map(place)).toEqual(
      ["/cwd/x", "/cwd/x/y", "/z", "/", `${homedir()}/b`].map(local),
    );
  });

  it("findPlace() takes a storage by its name when the config has it", async () => {
    await using folder = await createConfigFolder({ "milvus-backup.config.json": minimalConfig });
    const loaded = await folder.load();
    expect(findPlace(loaded, "nas", "/cwd")).toEqual({ ...local("/nas"), name: "nas" });
    expect(() => findPlace(loaded, "nsa", "/cwd")).toThrow('There is no storage "nsa", did you mean "nas"?');
  });

  it("findPlace() takes a bucket with its prefix and options", () => {
    expect(place("s3://my-bucket/a/b%20c/?endpoint=http://localhost:9000&region=eu&pathStyle=true&tls=false")).toEqual({
      name: "s3://my-bucket",
      type: "s3",
      prefix: "a/b c",
      readableByMilvus: false,
      options: {
        bucket: "my-bucket",
        endpoint: "http://localhost:9000",
        region: "eu",
        forcePathStyle: true,
        tls: false,
      },
    });
    expect(place("s3://my-bucket")).toEqual({
      name: "s3://my-bucket",
      type: "s3",
      prefix: "",
      readableByMilvus: false,
      options: { bucket: "my-bucket" },
    });
  });

  it("findPlace() gives a bucket such a name that a target is called as it was typed", () => {
    const typed = ["s3://my-bucket/a/b", "s3://my-bucket", "/backups"];
    expect(typed.map((text) => targetName(place(text)))).toEqual(typed);
  });

  it("findPlace() refuses what is no place, and credentials, without repeating them", () => {
    for (const text of ["gs://canary", "s3://", "s3://b/%canary", "s3://u:canary@b", "s3://b?secretAccessKey=canary"]) {
      const error = catchError(() => place(text));
      expect(isBackupError(error) && [error.code, error.message.includes("canary")]).toEqual(["usage", false]);
    }
  });
});

function catchError(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
