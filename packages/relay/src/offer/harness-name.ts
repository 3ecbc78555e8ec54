import { createHash } from "node:crypto";
import type { PublicKey } from "@holdfast/relay-protocol";

const SHOWN_DIGITS = 12;

/** What a harness is called in a log: the same for as long as it keeps its key, and of no use to anybody else. */
export function harnessName({ x25519, mlKem768 }: PublicKey): string {
  const digest = createHash("sha256").update(x25519).update(mlKem768).digest("hex");
  return `harness ${digest.slice(0, SHOWN_DIGITS)}`;
}
