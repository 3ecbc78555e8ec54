import type { FolderPlacement, Placement } from "../filesystem/index.ts";

/** What became of something that was put in place. */
export type StagingOutcome = Placement & FolderPlacement;

/** An outcome by its id, with paths of one character per byte. */
type HandedOutcome = readonly [id: string, outcome: Placement & { readonly problems: readonly HandedProblem[] }];
type HandedProblem = readonly [path: string, message: string];

/** What another program remembers of the files and folders that a session had on their way. */
export interface HandedStaging {
  readonly outcomes: readonly HandedOutcome[];
  readonly interrupted: readonly string[];
}

export function handedOutcome([id, { problems, ...placement }]: readonly [string, StagingOutcome]): HandedOutcome {
  return [id, { ...placement, problems: problems.map(({ path, message }) => [path.toString("latin1"), message]) }];
}

export function adoptedOutcome([id, { problems, ...placement }]: HandedOutcome): readonly [string, StagingOutcome] {
  const read = problems.map(([path, message]) => ({ path: Buffer.from(path, "latin1"), message }));
  return [id, { ...placement, problems: read }];
}
