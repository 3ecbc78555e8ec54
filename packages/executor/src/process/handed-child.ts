import type { ExitStatus } from "../platform/child-reaper.ts";
import type { HandedBytes } from "../platform/handed-bytes.ts";

/** The leader of a child that another program goes on with. */
export interface HandedLeader {
  readonly pid: number;
  readonly shape?: "plain" | "wrapped" | undefined;
  /** Once it was reaped. */
  readonly status?: ExitStatus | undefined;
}

/** `told`: the child's owner was told before, by the program that handed it over. */
export type EndNews = "untold" | "told";

/** A pipe to an input that another program goes on with, and what it has yet to write. */
export interface HandedInputPipe {
  readonly fd: number;
  readonly untaken: HandedBytes;
}

/** Behind pipes, see {@link HandedLeader}. A stream that is closed is left out. */
export interface HandedPipes {
  readonly kind: "pipes";
  readonly leader: HandedLeader;
  readonly stdin?: HandedInputPipe | undefined;
  readonly stdout?: number | undefined;
  readonly stderr?: number | undefined;
}

/** Behind a terminal, see {@link HandedLeader}. */
export interface HandedTerminal {
  readonly kind: "terminal";
  readonly leader: HandedLeader;
  /** Absent when the program has let go of it. */
  readonly fd?: number | undefined;
  /** The second descriptor, while there is one. */
  readonly spare?: number | undefined;
  readonly untaken: HandedBytes;
  readonly lastByte?: number | undefined;
}

/** A connection that another program goes on with. */
export interface HandedConnection {
  readonly kind: "connection";
  /** Absent once it is closed. */
  readonly fd?: number | undefined;
  readonly untaken: HandedBytes;
  /** The far side has ended what it sends. */
  readonly hasExited: boolean;
}

/** A child that another program goes on with: its descriptors keep their numbers. */
export type HandedChild = HandedPipes | HandedTerminal | HandedConnection;

/** The id of its leader; `undefined` for a connection. */
export function leaderOf(handed: HandedChild): number | undefined {
  return handed.kind === "connection" ? undefined : handed.leader.pid;
}

/** How its leader ended, if that is known. */
export function statusOf(handed: HandedChild): ExitStatus | undefined {
  return handed.kind === "connection" ? undefined : handed.leader.status;
}

/** What its input has yet to take. */
export function untakenOf(handed: HandedChild): HandedBytes | undefined {
  return handed.kind === "pipes" ? handed.stdin?.untaken : handed.untaken;
}

export function descriptorsOf(handed: HandedChild): readonly number[] {
  const { fd, spare, stdin, stdout, stderr } = {
    fd: undefined,
    spare: undefined,
    stdin: undefined,
    stdout: undefined,
    stderr: undefined,
    ...handed,
  };
  return [fd, spare, stdin?.fd, stdout, stderr].filter((each) => each !== undefined);
}
