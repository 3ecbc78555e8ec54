import { chunk, type FakeExecServer, type Handlers, readResult } from "./fake-exec-server.ts";

type Told = readonly ["output", seq: number, text: string] | readonly ["exited" | "closed", seq: number];

const BROKEN = {
  /** 3 never comes. */
  jumps: [
    ["output", 1, "a"],
    ["output", 2, "b"],
    ["output", 4, "d"],
    ["exited", 5],
    ["closed", 6],
  ],
  /** Every number comes twice, the second time with other bytes. */
  repeats: [
    ["output", 1, "a"],
    ["output", 1, "A"],
    ["output", 2, "b"],
    ["output", 2, "B"],
    ["exited", 3],
    ["exited", 3],
    ["closed", 4],
    ["closed", 4],
  ],
  /** Numbers begin anew in the middle. */
  "goes back": [
    ["output", 1, "a"],
    ["output", 2, "b"],
    ["output", 1, "again"],
    ["output", 2, "again"],
    ["exited", 3],
    ["output", 1, "again"],
    ["closed", 4],
    ["output", 2, "again"],
  ],
  /** The end is told before what came before it. */
  backwards: [
    ["closed", 4],
    ["exited", 3],
    ["output", 2, "b"],
    ["output", 1, "a"],
  ],
  /** Two ends, one after the other. */
  "exits twice": [
    ["output", 1, "a"],
    ["exited", 2],
    ["exited", 3],
    ["closed", 4],
  ],
} as const satisfies Record<string, readonly Told[]>;

/** A way to number events wrongly. */
export type BrokenSequence = keyof typeof BROKEN;

/** Numbers the events of every process in a broken way. What a read would show is no better than what was told. */
export function brokenSequence(kind: BrokenSequence): Handlers {
  const told: readonly Told[] = BROKEN[kind];
  return {
    "process/start": ({ processId }, server) => {
      setImmediate(() => tell(server, processId, told));
      return { processId };
    },
    "process/read": ({ afterSeq }) =>
      readResult({
        chunks: told.flatMap(([type, seq, text]) => (type === "output" && seq > afterSeq ? [chunk(seq, text)] : [])),
        nextSeq: Math.max(...told.map(([, seq]) => seq)) + 1,
        exited: true,
        exitCode: 0,
        closed: true,
      }),
  };
}

function tell(server: FakeExecServer, processId: string, told: readonly Told[]): void {
  for (const [type, seq, text = ""] of told) {
    if (type === "output") server.output(processId, seq, text);
    else if (type === "exited") server.exited(processId, seq);
    else server.finished(processId, seq);
  }
}
