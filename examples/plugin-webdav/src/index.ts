import { runCounter } from "./run-counter.ts";
import { webdav } from "./webdav.ts";

/** What `plugins` of a config loads. */
const plugins: readonly (typeof webdav | typeof runCounter)[] = [webdav, runCounter];
export default plugins;
