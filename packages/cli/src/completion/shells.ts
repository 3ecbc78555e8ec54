/** Shells that there is a script for. */
export const COMPLETED_SHELLS = ["bash", "zsh", "fish"] as const;
