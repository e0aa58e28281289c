import type { Contest } from "../contest.ts";
import type { BenchWork } from "../work.ts";
import { createLocal } from "./create-local.ts";
import { createS3 } from "./create-s3.ts";
import { help } from "./help.ts";
import { listGo, listOurs } from "./list.ts";
import { restoreLarge, restoreSmall } from "./restore-local.ts";
import { verifyLocal, verifyLocalLarge } from "./verify-local.ts";
import { verifyObjectsS3 } from "./verify-objects-s3.ts";

/** By the names that the command line takes, in the order of the page. */
export const CONTESTS: Readonly<Record<string, (work: BenchWork) => Contest | Promise<Contest>>> = {
  "create-local": createLocal,
  "create-s3": createS3,
  "restore-large": restoreLarge,
  "restore-small": restoreSmall,
  "verify-local": verifyLocal,
  "verify-local-large": verifyLocalLarge,
  "verify-objects-s3": verifyObjectsS3,
  list: listOurs,
  "list-go": listGo,
  help,
};
