import type { Release } from "@holdfast/reference-peer";

/** A release, or ours. */
export type Peer = Release | "holdfast";

/** Who reaches whom. */
export interface Join {
  readonly harness: Peer;
  readonly executor: Peer;
}

export function nameOfPeer(peer: Peer): string {
  return peer === "holdfast" ? peer : `codex ${peer.version}`;
}

export function nameOfJoin({ harness, executor }: Join): string {
  return `${nameOfPeer(harness)} -> ${nameOfPeer(executor)}`;
}

/** Ours with ours, then each release with ours on either side, then with itself. */
export function planJoins(releases: readonly Release[]): readonly Join[] {
  const own = "holdfast";
  return [
    { harness: own, executor: own },
    ...releases.flatMap((release): Join[] => [
      { harness: own, executor: release },
      { harness: release, executor: own },
      { harness: release, executor: release },
    ]),
  ];
}
