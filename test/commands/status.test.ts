/** What a monitor asks, on the fake Milvus and directories. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openTwoTargets, takeNightly, withoutNas } from "../support/two-targets.ts";

describe("status", () => {
  it("status has a line for each target of every policy, and ends with 0 when all have a backup", async () => {
    await using place = await openTwoTargets();
    const { backup } = await takeNightly(place);
    const { status, stdout } = await place.run("status");
    expect([status, stdout.split("\n").map((line) => line.trimEnd().split(/ {2,}/).slice(0, 4))]).toEqual([
      0,
      [
        ["POLICY", "TARGET", "STATE", "LAST COMPLETE"],
        ["nightly", "nas", "ok", backup],
        ["nightly", "offsite/copies", "ok", backup],
      ],
    ]);
  });

  it("status ends with 5 when a target has none, or none that is young enough", async () => {
    await using place = await openTwoTargets();
    expect((await place.run("status", "nightly")).status).toBe(5);
    await takeNightly(place);
    expect((await place.run("status", "--max-age", "1h")).status).toBe(0);
    const { status, stdout } = await place.run("status", "--max-age", "1s", "--json");
    expect([status, JSON.parse(stdout)]).toMatchObject([5, [{ state: "overdue" }, { state: "overdue" }]]);
    await rm(join(place.path, "offsite/copies"), { recursive: true });
    const again = await place.run("status", "--json");
    expect([again.status, JSON.parse(again.stdout)]).toMatchObject([5, [{ state: "ok" }, { state: "never" }]]);
  });

  it("status says what it could not look at, with its exit status, and looks at the others", async () => {
    await using place = await openTwoTargets();
    await takeNightly(place);
    await withoutNas(place);
    const { status, stdout } = await place.run("status", "--json");
    expect([status, JSON.parse(stdout)]).toMatchObject([
      14,
      [{ target: "nas", state: "unknown", error: { code: "unreachable" } }, { state: "ok" }],
    ]);
  });

  it.each([
    { args: ["--max-age", "soon"], refused: 2 },
    { args: ["gone"], refused: 10 },
    { args: ["nightly", "--all"], refused: 2 },
  ])("status $args is refused with $refused", async ({ args, refused }) => {
    await using place = await openTwoTargets();
    expect((await place.run("status", ...args)).status).toBe(refused);
  });
});
