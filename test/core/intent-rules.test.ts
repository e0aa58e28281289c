import { describe, expect, it } from "vitest";
import { judgeIntent } from "../../src/core/intent-rules.ts";

const DAY_MS = 86_400_000;
const intent = { address: "localhost:19530", databases: ["drill_r1", "drill_2_r1"], ageMs: DAY_MS };
const none = { source: "prod", found: [] };
const away = { source: "prod2", found: [], untold: "it is away" };

describe("judgeIntent()", () => {
  it("judgeIntent() says over where something is found, whatever the others answer and how old it is", () => {
    const found = { source: "scratch", found: ["drill_2_r1"] };
    for (const answers of [[found], [none, away, found]]) {
      const why = "a drill has died: what it made in scratch is dropped, drill_2_r1";
      expect(judgeIntent(intent, answers)).toEqual({ kind: "over", why });
    }
  });

  it("judgeIntent() leaves what nobody can be asked about, however old", () => {
    const old = { ...intent, ageMs: 1000 * DAY_MS };
    expect(judgeIntent(old, []).why).toContain("gc with --source localhost:19530 and its --source-storage");
    expect(judgeIntent(old, [none, away])).toEqual({
      kind: "left",
      why: "a drill has died: prod2 cannot be asked whether it has drill_r1, drill_2_r1: it is away",
    });
    expect(judgeIntent(old, []).kind).toBe("left");
  });

  it("judgeIntent() leaves what is not in this Milvus for 30 days, and forgets it then", () => {
    for (const ageMs of [undefined, -DAY_MS, 0, 30 * DAY_MS - 1]) {
      expect(judgeIntent({ ...intent, ageMs }, [none])).toEqual({
        kind: "left",
        why: "a drill has died, and what it names is not in this Milvus: prod has no drill_r1, drill_2_r1, another one at localhost:19530 may",
      });
    }
    expect(judgeIntent({ ...intent, ageMs: 30 * DAY_MS }, [none])).toEqual({
      kind: "over",
      why: "a drill has died more than 30 days ago, and prod has nothing that it names",
    });
  });
});
