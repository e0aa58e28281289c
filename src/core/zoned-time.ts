import { createWallClock } from "./retention-calendar.ts";

/** "2026-11-29 02:00 Europe/Berlin (01:00 UTC)": what the zone's clocks show, and with its date where that is another one what UTC's do. */
export function formatInZone(time: string, timezone: string): string {
  const utc = toMinute(time);
  if (timezone === "UTC") return `${utc} UTC`;
  const local = toMinute(new Date(createWallClock(timezone)(Date.parse(time)).wallMs).toISOString());
  const isSameDay = local.slice(0, 10) === utc.slice(0, 10);
  return `${local} ${timezone} (${isSameDay ? utc.slice(11) : utc} UTC)`;
}

function toMinute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
