import { createHash } from "node:crypto";
import type { Plan } from "../core/plan.ts";

/** sha256, hex, of the plan as JSON. */
export function digestPlan(plan: Plan): string {
  return createHash("sha256").update(JSON.stringify(plan)).digest("hex");
}
