import type { GoSetting, GoSettings } from "./settings.ts";
import { isTrue } from "./to-storage.ts";

/** What of our config says how garbage collection is paused; only what the Go tool's file or its variables say. */
export interface GoGcPause {
  readonly management?: string;
  /** The Go tool goes on with a warning where it cannot pause. */
  readonly gc?: "prefer" | "off";
}

/** Where the Go tool looks for Milvus's management port when nobody says. */
const DEFAULT_ADDRESS = "http://localhost:9091";

export function toGcPause(settings: GoSettings): GoGcPause {
  const { enabled, address } = findSettings(settings);
  const isOn = enabled !== undefined && isTrue(enabled.value);
  const url = address?.value || (isOn ? DEFAULT_ADDRESS : "");
  const mode = isOn ? "prefer" : "off";
  return { ...(url !== "" && { management: withScheme(url) }), ...(enabled && { gc: mode }) };
}

function findSettings({ find, version }: GoSettings): Partial<Readonly<Record<"enabled" | "address", GoSetting>>> {
  const isV1 = version === "v1";
  const enabled = isV1 ? find(["backup.gcPause.enable"], "BACKUP_GC_PAUSE_ENABLE") : find(["backup.pauseGC"]);
  const address = isV1
    ? find(["backup.gcPause.address"], "BACKUP_GC_PAUSE_ADDRESS")
    : find(["milvus.management.endpoint"]);
  return { ...(enabled && { enabled }), ...(address && { address }) };
}

function withScheme(url: string): string {
  return /^https?:\/\//.test(url) ? url : `http://${url}`;
}
