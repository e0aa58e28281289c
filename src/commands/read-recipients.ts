import { BackupError } from "../core/errors.ts";

/** Public keys as they are said; a BackupError "usage" for what is none. */
export async function readRecipients(texts: readonly string[]): Promise<readonly string[]> {
  const { isRecipient } = await import("../seal/age-file.ts");
  for (const text of texts) {
    if (await isRecipient(text)) continue;
    const isSecret = /^age-secret-key-/i.test(text);
    throw new BackupError("usage", isSecret ? "Cannot encrypt to an identity" : `Cannot encrypt to ${text}`, {
      hint: "say the public key of age: age1…, which age-keygen -y prints",
    });
  }
  return texts;
}
