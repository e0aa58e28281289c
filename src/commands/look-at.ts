import type { LoadedConfig } from "../config/load-config.ts";
import type { StorageSettings } from "../core/contracts/storage-settings.ts";
import { toEventError } from "../core/event-error.ts";
import type { Finding } from "../core/finding.ts";
import { checkTarget } from "../engine/check-target.ts";
import type { Caller } from "./caller.ts";
import { openSource, openTarget } from "./open-places.ts";
import { newRunId } from "./start-run.ts";
import type { SourcePlace } from "./workspace.ts";

/** What the doctor looks at. */
export interface Subjects {
  readonly sources: readonly SourcePlace[];
  readonly targets: readonly StorageSettings[];
}

/** Looks at each source and each target. */
export async function lookAt(config: LoadedConfig, subjects: Subjects, caller: Caller): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const place of subjects.sources) findings.push(...(await lookAtSource(config, place, caller)));
  for (const settings of subjects.targets) findings.push(...(await lookAtTarget(config, settings, caller)));
  return findings;
}

async function lookAtSource(config: LoadedConfig, place: SourcePlace, caller: Caller): Promise<readonly Finding[]> {
  return orFailure(`source ${place.source.name}`, caller, async () => {
    await using source = await openSource(config, place, caller);
    const { checkSource } = await import("../engine/check-source.ts");
    return await checkSource(source, { signal: caller.signal });
  });
}

async function lookAtTarget(
  config: LoadedConfig,
  settings: StorageSettings,
  caller: Caller,
): Promise<readonly Finding[]> {
  return orFailure(`target ${settings.name}`, caller, async () => {
    await using target = await openTarget(config, settings, caller);
    return await checkTarget(target, { signal: caller.signal, now: caller.now, id: newRunId(caller.now()) });
  });
}

/** One thing that is out of reach does not keep the doctor from looking at the others; a bug does. */
async function orFailure(
  subject: string,
  { signal }: Caller,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    signal.throwIfAborted();
    const { code, message, hint } = toEventError(error);
    if (code === "bug") throw error;
    return [{ subject, check: "reach", status: "failed", message, hint, code }];
  }
}
