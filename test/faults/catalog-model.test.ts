/** 500 random steps from each of three seeds; 60 are in test/engine. */
import { it } from "vitest";
import { takeSteps } from "../support/catalog-model.ts";

it.each([1, 2, 3])("a target holds what its history says after 500 random steps from seed %i", async (seed) => {
  await takeSteps(seed, 500);
});
