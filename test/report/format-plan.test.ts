import { expect, it } from "vitest";
import type { Plan } from "../../src/core/plan.ts";
import { formatPlan } from "../../src/report/format-plan.ts";

const plan: Plan = {
  version: 1,
  action: "backup",
  backup: "nightly_1",
  policy: "nightly",
  source: "prod",
  target: "nas",
  steps: [
    { kind: "begin-backup", id: "begin", why: "nightly_1 is not there yet" },
    {
      kind: "back-up-collection",
      id: "shop.orders",
      why: "shop.* selects it",
      collection: { database: "shop", name: "orders" },
      isNamed: false,
    },
  ],
  warnings: ["x.* matches no collection"],
};

it("formatPlan() shows every step with its reason, and the warnings last", () => {
  expect(formatPlan(plan).split("\n")).toEqual([
    "backup nightly_1, policy nightly, source prod, target nas",
    "",
    "#  STEP                ON           WHY",
    "1  begin-backup        begin        nightly_1 is not there yet",
    "2  back-up-collection  shop.orders  shop.* selects it",
    "warning: x.* matches no collection",
  ]);
});

it("formatPlan() leaves out what a plan does not have", () => {
  const { policy: _policy, source: _source, ...rest } = plan;
  const [title, , header] = formatPlan({ ...rest, action: "delete", steps: [], warnings: [] }).split("\n");
  expect([title, header]).toEqual(["delete nightly_1, target nas", "#  STEP  ON  WHY"]);
});

it("formatPlan() shows about how much it is, what each pattern matched, and the first of what is left out", () => {
  const leftOut = Array.from({ length: 1021 }, (_, index) => ({
    collection: { database: "shop", name: `tmp_${index}` },
    why: "*.tmp_* excludes it",
  }));
  const patterns = [
    { kind: "include", pattern: "shop.*", matches: 1022 },
    { kind: "exclude", pattern: "*.tmp_*", matches: 1021 },
  ] as const;
  const estimate = { rows: 1000, bytes: 2048, requests: 1 };
  const lines = formatPlan({ ...plan, estimate, selection: { patterns, leftOut } }).split("\n");
  expect([...lines.slice(5, 14), ...lines.slice(-3)]).toEqual([
    "",
    "in all about 1,000 rows, 2.0 KiB, 1 request to storages",
    "",
    "SELECT   PATTERN  MATCHES",
    "include  shop.*     1,022",
    "exclude  *.tmp_*    1,021",
    "",
    "left out (1,021):",
    "  shop.tmp_0: *.tmp_* excludes it",
    "  shop.tmp_19: *.tmp_* excludes it",
    "  and 1,001 more, which --json lists",
    "warning: x.* matches no collection",
  ]);
});

it("formatPlan() shows the hooks below the steps, with what their failure means", () => {
  const hook = { name: "writer", scope: "run", on: "before", use: "command", why: "around the whole run" } as const;
  const lines = formatPlan({ ...plan, hooks: [hook], warnings: [] }).split("\n");
  expect(lines.slice(5)).toEqual([
    "",
    "HOOK    RUNS        BY       WHY",
    "writer  before run  command  around the whole run",
  ]);
});
