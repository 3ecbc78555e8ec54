/** Names that stay read-only directly below every writable root unless an entry grants them by name. */
export const PROTECTED_METADATA_NAMES = [".git", ".agents", ".codex", ".aws"] as const;

/** Is this, as comparable text, one of the protected names? */
export function protectedName(name: string | undefined): string | undefined {
  return PROTECTED_METADATA_NAMES.find((candidate) => candidate === name);
}
