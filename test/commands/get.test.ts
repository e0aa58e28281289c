import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { GOLDEN_RELEASES, goldenDirectory } from "../support/golden.ts";
import { runCommand } from "../support/run-command.ts";

const cwd = tmpdir();

describe.each(GOLDEN_RELEASES)("get --rows of a backup by the Go tool %s", (release) => {
  const target = fileURLToPath(new URL("..", goldenDirectory(release)));

  it("shows written, deleted and live rows of each collection", async () => {
    const { status, stdout } = await runCommand({ cwd }, "get", "golden", "--rows", "--target", target);
    expect(status).toBe(0);
    const [, table = ""] = stdout.split("\n\n");
    const cells = table.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4));
    expect(cells.toSorted()).toEqual(
      [
        ["COLLECTION", "ROWS", "DELETED", "LIVE"],
        ["db1.book", "100", "0", "100"],
        ["default.auto", "1,000", "0", "1,000"],
        ["default.book", "2,000", "150", "1,850"],
        ["default.empty", "0", "0", "0"],
        ["default.users", "1,000", "0", "1,000"],
      ].toSorted(),
    );
  });

  it("adds the numbers to each collection of --json, which is else as without --rows", async () => {
    const get = async (...flags: readonly string[]) => {
      const { stdout } = await runCommand({ cwd }, "get", "golden", "--target", target, "--json", ...flags);
      return JSON.parse(stdout) as { readonly collections: readonly { readonly collection_name: string }[] };
    };
    const [plain, counted] = [await get(), await get("--rows")];
    const numbers = { rows: expect.any(Number), deleted: expect.any(Number), live: expect.any(Number) };
    expect(counted).toEqual({
      ...plain,
      collections: plain.collections.map((collection) => ({ ...collection, ...numbers })),
    });
    const book = counted.collections.filter(({ collection_name }) => collection_name === "book");
    expect(book).toContainEqual(expect.objectContaining({ rows: 2_000, deleted: 150, live: 1_850 }));
  });
});
