import { it } from "vitest";
import { takeSteps } from "../support/catalog-model.ts";

it("a target holds what its history says after random runs, kills, resumptions, deletions and corruptions", async () => {
  await takeSteps(20_260_501, 500);
}, 120_000);
