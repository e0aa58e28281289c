import { describe, expect, it } from "vitest";
import { hooksFor, planHooks } from "../../src/core/hook-plan.ts";
import type { HookAction } from "../../src/core/contracts/hooks.ts";
import { hookOf } from "../support/hook-host.ts";

describe("planHooks()", () => {
  it("planHooks() gives each moment of each hook, with what its failure means", () => {
    const hooks = [
      hookOf("quiesce", { before: true, after: true }),
      hookOf("slow", { scope: "source", before: true, onError: "skip" }),
      hookOf("look", { scope: "target", before: true, onError: "warn" }),
      hookOf("alert", { scope: "action", after: true, states: ["failed", "partial"], onError: "warn" }),
      hookOf("tell", { scope: "collection", finally: true }),
    ];
    const rows = planHooks(hooks, "backup").map(({ name, on, scope, use, why }) => [name, `${on} ${scope}`, use, why]);
    expect(rows).toEqual([
      ["quiesce", "before run", "test", "around the whole run; when it fails, what follows is not done"],
      [
        "quiesce",
        "after run",
        "test",
        "around the whole run; if its before was begun; when it fails, the run has failed",
      ],
      ["slow", "before source", "test", "around the connection to the source; when it fails, what follows is left out"],
      ["look", "before target", "test", "around the target; when it fails, that is a warning"],
      [
        "alert",
        "after action",
        "test",
        "around the backup; when that ends failed or partial; when it fails, that is a warning",
      ],
      ["tell", "finally collection", "test", "around each collection; however that ends; it cannot change the result"],
    ]);
  });

  it("hooksFor() keeps the hooks whose when has the action, and those without one", () => {
    const hooks = [hookOf("a", { before: true }), hookOf("b", { before: true, when: ["backup"] })];
    expect(hooksFor(hooks, "backup")).toEqual(hooks);
    const later = "verify" as string as HookAction; // there is only one action yet
    expect(hooksFor(hooks, later)).toEqual([hooks[0]]);
  });
});
