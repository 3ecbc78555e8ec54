import { fstatSync } from "node:fs";
import type { Severity } from "./log-settings.ts";

/** As syslog numbers them. */
const PRIORITIES: Readonly<Record<Severity, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/**
 * Whether a descriptor leads to systemd's journal, as `JOURNAL_STREAM` says it does. What is written there may begin with its priority, which the
 * journal takes off.
 */
export function isJournal(env: Readonly<Record<string, string | undefined>>, descriptor: number): boolean {
  if (env.JOURNAL_STREAM === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return env.JOURNAL_STREAM === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** What a record for the journal begins with. */
export function journalPrefix(severity: Severity): string {
  return `<${PRIORITIES[severity]}>`;
}
