import type { EncryptionConfig } from "./contracts/target.ts";
import { isSameSet } from "./same-set.ts";

/**
 * What becomes of a backup on its way into another target. as-is: the same bytes. seal: they are encrypted on the way.
 * rewrap: the same encrypted bytes, of which others get the key.
 */
export type CopyForm = "as-is" | "seal" | "rewrap";

/** What a target wants of what is copied there: to whom it is encrypted; false and undefined leave it as it is. */
export type WantedEncryption = EncryptionConfig | false | undefined;

/** Nothing is decrypted on the way: a copy is never less protected than what it is copied from. */
export function decideForm(
  found: { readonly recipients: readonly string[] } | undefined,
  wanted: WantedEncryption,
): CopyForm {
  if (wanted === undefined || wanted === false) return "as-is";
  if (found === undefined) return "seal";
  return isSameSet(found.recipients, wanted.recipients) ? "as-is" : "rewrap";
}
