import { isAtLeast } from "@holdfast/reference-peer";
import type { RejectedMessage } from "./corpus.ts";
import type { Judgement } from "./refusals.ts";

/** Releases that judge an entry of the reject corpus in another way than the corpus asks for. */
interface Disagreement {
  readonly entries: readonly string[];
  /** First release that is as strict as the corpus; absent: none is. */
  readonly until?: string;
  readonly judgement: Judgement;
  readonly reason: string;
}

const WALKS = [
  "walk-no-options",
  "walk-no-maxDepth",
  "walk-no-maxDirectories",
  "walk-no-maxEntries",
  "walk-no-followDirectorySymlinks",
  "walk-negative",
  "walk-prune-null",
];

const DISAGREEMENTS: readonly Disagreement[] = [
  {
    entries: [
      "id-null",
      "id-fraction",
      "id-too-big",
      "id-too-small",
      "id-boolean",
      "id-object",
      "id-array",
      "trace-text",
      "repeated-id",
    ],
    until: "0.150.0",
    judgement: "closed",
    reason: "a request with an unusable envelope member is taken for a notification, and an unknown one ends the line",
  },
  {
    entries: ["repeated-deep", "repeated-escaped", "too-many-values"],
    until: "0.150.0",
    judgement: -32602,
    reason: "repeated keys and the number of values are not looked at; the params are refused for another reason",
  },
  { entries: WALKS, until: "0.144.0", judgement: -32601, reason: "fs/walk does not exist" },
  {
    entries: ["path-native", "sandbox-cwd-native"],
    until: "0.144.0",
    judgement: "accepted",
    reason: "native absolute paths are still taken",
  },
  {
    entries: ["sandbox-no-type"],
    until: "0.150.0",
    judgement: "accepted",
    reason: "a profile without a type is read in an older form",
  },
  {
    entries: ["read-follow-text"],
    until: "0.150.0",
    judgement: -32004,
    reason: "followSymlinks is not known and not looked at; the file does not exist",
  },
  {
    entries: ["open-mode"],
    until: "0.169.0",
    judgement: -32004,
    reason: "mode is not known and not looked at; the file does not exist",
  },
];

/** Ids that the table names, for the check that each of them exists. */
export function namedEntries(): readonly string[] {
  return DISAGREEMENTS.flatMap(({ entries }) => entries);
}

/** What an executor of a release does with an entry; ours, without a release, does what the corpus says. */
export function expectedJudgement(entry: RejectedMessage, release: string | undefined): Judgement {
  const disagreement = DISAGREEMENTS.find(
    ({ entries, until }) =>
      release !== undefined && entries.includes(entry.id) && (until === undefined || !isAtLeast(release, until)),
  );
  return disagreement?.judgement ?? entry.expect.code ?? "accepted";
}
