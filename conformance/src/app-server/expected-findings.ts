import type { Finding } from "./judge-frames.ts";

/** A message of a release that is not what its own schema says, and why it is left at that. */
export interface ExpectedFinding {
  /** Releases that send it. */
  readonly releases: readonly string[];
  readonly method: string;
  readonly part: Finding["part"];
  /** What the reason of the finding contains. */
  readonly reason: string;
  readonly why: string;
}

/** Each has to occur in a whole run of its releases; one that does not is reported as stale. */
export const EXPECTED_FINDINGS: readonly ExpectedFinding[] = [];

/** The entry that a finding of a release falls under. */
export function expectedFinding(
  release: string,
  { method, part, reason }: Finding,
  list: readonly ExpectedFinding[] = EXPECTED_FINDINGS,
): ExpectedFinding | undefined {
  return list.find(
    (entry) =>
      entry.releases.includes(release) &&
      entry.method === method &&
      entry.part === part &&
      reason.includes(entry.reason),
  );
}

/** Entries of a release that nothing fell under. */
export function staleFindings(
  release: string,
  findings: readonly Finding[],
  list: readonly ExpectedFinding[] = EXPECTED_FINDINGS,
): readonly ExpectedFinding[] {
  const used = new Set(findings.map((finding) => expectedFinding(release, finding, list)));
  return list.filter((entry) => entry.releases.includes(release) && !used.has(entry));
}
