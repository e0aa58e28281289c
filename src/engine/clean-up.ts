import { BackupError, messageOf } from "../core/errors.ts";
import { toEventError } from "../core/event-error.ts";

/**
 * Takes back what an action made before it failed, and gives back what to throw: always the first error, which says what
 * happened; when what it made cannot be removed either, with the name of what is left.
 */
export async function cleanUpAfter(error: unknown, left: string, cleanUp: () => Promise<unknown>): Promise<unknown> {
  try {
    await cleanUp();
    return error;
  } catch (second) {
    const { code, message, hint } = toEventError(error);
    const also = `${left} is left, since it cannot be removed: ${messageOf(second)}`;
    return new BackupError(code, `${message}; ${also}`, { cause: error, hint });
  }
}
