import * as fc from "fast-check";

/** How a wait is given up: by the caller's signal or by its own time, milliseconds. Null: it is not. */
export interface Patience {
  readonly abortMs: number | null;
  readonly timeoutMs: number | null;
}

/** What a command does, and what is known of its output. */
export type Command =
  | { readonly does: "echo"; readonly text: string }
  | { readonly does: "copy"; readonly bytes: number }
  | { readonly does: "flood"; readonly bytes: number }
  | { readonly does: "exit"; readonly code: number }
  | { readonly does: "sleep"; readonly ms: number }
  | { readonly does: "count"; readonly lines: number }
  | { readonly does: "nothing there" };

/** One thing that a program does before it goes on. */
export type Step =
  | ({ readonly kind: "run"; readonly command: Command } & Patience)
  | {
      readonly kind: "start";
      readonly command: Command;
      readonly read: "events" | "stream" | "slowly" | "in part" | "not at all";
      readonly end: "wait" | "terminate" | "dispose" | "interrupt";
    }
  | ({ readonly kind: "file"; readonly bytes: number; readonly how: "whole" | "stream" } & Patience)
  | ({ readonly kind: "look"; readonly at: "metadata" | "folder" | "missing" | "walk" } & Patience)
  | ({ readonly kind: "fetch"; readonly bytes: number; readonly read: "whole" | "slowly" | "not at all" } & Patience)
  | { readonly kind: "pause"; readonly ms: number }
  | { readonly kind: "cut" }
  | { readonly kind: "cut in a frame"; readonly direction: "up" | "down"; readonly afterBytes: number };

/** Lists of steps: those of one list follow each other, the lists run side by side over one connection. */
export interface RandomProgram {
  readonly lists: readonly (readonly Step[])[];
}

const MIB = 1_048_576;

const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 4_096 }) },
  { weight: 2, arbitrary: fc.integer({ min: 60_000, max: 70_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: MIB, max: 3 * MIB }) },
);

const patience = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ abortMs: null, timeoutMs: null }) },
  { weight: 1, arbitrary: fc.record({ abortMs: fc.integer({ min: 0, max: 60 }), timeoutMs: fc.constant(null) }) },
  { weight: 1, arbitrary: fc.record({ abortMs: fc.constant(null), timeoutMs: fc.integer({ min: 1, max: 60 }) }) },
);

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ does: fc.constant("echo"), text: fc.string({ unit: "grapheme", maxLength: 40 }).filter(isPrintable) }),
  fc.record({ does: fc.constant("copy"), bytes }),
  fc.record({ does: fc.constant("flood"), bytes }),
  fc.record({ does: fc.constant("exit"), code: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ does: fc.constant("sleep"), ms: fc.integer({ min: 0, max: 200 }) }),
  fc.record({ does: fc.constant("count"), lines: fc.integer({ min: 0, max: 400 }) }),
  fc.constant({ does: "nothing there" } as const),
) as fc.Arbitrary<Command>;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: withPatience(fc.record({ kind: fc.constant("run"), command })) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("start"),
      command,
      read: fc.constantFrom("events", "stream", "slowly", "in part", "not at all"),
      end: fc.constantFrom("wait", "terminate", "dispose", "interrupt"),
    }),
  },
  {
    weight: 3,
    arbitrary: withPatience(fc.record({ kind: fc.constant("file"), bytes, how: fc.constantFrom("whole", "stream") })),
  },
  {
    weight: 2,
    arbitrary: withPatience(
      fc.record({ kind: fc.constant("look"), at: fc.constantFrom("metadata", "folder", "missing", "walk") }),
    ),
  },
  {
    weight: 2,
    arbitrary: withPatience(
      fc.record({ kind: fc.constant("fetch"), bytes, read: fc.constantFrom("whole", "slowly", "not at all") }),
    ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pause"), ms: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "cut" }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("cut in a frame"),
      direction: fc.constantFrom("up", "down"),
      afterBytes: fc.integer({ min: 1, max: 100_000 }),
    }),
  },
) as fc.Arbitrary<Step>;

/** Programs that depend on the seed alone. */
export const randomProgram: fc.Arbitrary<RandomProgram> = fc.record({
  lists: fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
});

/** The programs of a seed, in order. */
export function programsOf(seed: number, count: number): RandomProgram[] {
  return fc.sample(randomProgram, { seed, numRuns: count });
}

function withPatience<Members>(arbitrary: fc.Arbitrary<Members>): fc.Arbitrary<Members & Patience> {
  return fc.tuple(arbitrary, patience).map(([members, how]) => ({ ...members, ...how }));
}

function isPrintable(text: string): boolean {
  return !text.includes("\0");
}
