import { describe, expect, it } from "vitest";
import { BackupError, EXIT_STATUS, isBackupError, messageOf, worstStatus } from "../../src/core/errors.ts";

describe("errors", () => {
  it("worstStatus() ranks a bug above damage above failure above partial, and all above success", () => {
    expect(worstStatus([])).toBe(0);
    expect(worstStatus([0, 75])).toBe(75);
    expect(worstStatus([3, 1, 15])).toBe(1);
    expect(worstStatus([1, 4])).toBe(4);
    expect(worstStatus([4, 130, 70])).toBe(70);
  });

  it("worstStatus() knows every status of the table", () => {
    const unknown = Object.values(EXIT_STATUS).filter((status) => worstStatus([status]) !== status);
    expect(unknown).toEqual([]);
  });

  it("isBackupError() goes by name, so that a second copy of the package is understood", () => {
    const foreign = Object.assign(new Error("x"), { name: "BackupError", code: "failed" });
    expect([
      isBackupError(foreign),
      isBackupError(new BackupError("failed", "x")),
      isBackupError(new Error("x")),
    ]).toEqual([true, true, false]);
  });

  it("messageOf() adds the cause once", () => {
    const cause = new Error("disk on fire");
    expect(messageOf(new BackupError("failed", "Cannot write b", { cause }))).toBe("Cannot write b: disk on fire");
    expect(messageOf(new BackupError("failed", "Cannot write b: disk on fire", { cause }))).toBe(
      "Cannot write b: disk on fire",
    );
  });
});
