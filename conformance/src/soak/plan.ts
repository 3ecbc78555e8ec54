import { BYTES_LENGTH, makeProgram, PROGRAM_KINDS, type Program } from "./programs.ts";
import { type Random, seededRandom } from "./random.ts";

/** One way in which a line is lost. `after` counts bytes of one direction, so that the cut falls inside a frame. */
export type CutKind =
  | { readonly kind: "reset" }
  | { readonly kind: "after"; readonly direction: "up" | "down"; readonly bytes: number }
  /** Nothing passes for a while, then the reset. */
  | { readonly kind: "stall"; readonly stallMs: number }
  /** After the reset, new connections are refused for a while. */
  | { readonly kind: "outage"; readonly outageMs: number };

export interface PlannedCut {
  /** Pause since the cut before. */
  readonly delayMs: number;
  readonly cut: CutKind;
  /** Programs to start `leadMs` before the cut. */
  readonly starts: readonly Program[];
  readonly leadMs: number;
}

/** What will happen in a soak. */
export interface Plan {
  readonly seed: number;
  /** What the file `$BYTES` of the programs holds. */
  readonly bytes: Buffer;
  /** Lines are cut independently of each other; each has a session of its own. */
  readonly lines: readonly (readonly PlannedCut[])[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly cuts: number;
  readonly processes: number;
  /** Sessions side by side, each over a line of its own. */
  readonly lines: number;
}

/** Some seven seconds. */
export const SHORT_SOAK = { cuts: 60, processes: 24, lines: 4 } as const;
/** Somewhat more than a minute. */
export const FULL_SOAK = { cuts: 1_000, processes: 200, lines: 4 } as const;

function cutKind(random: Random): CutKind {
  const die = random.between(1, 20);
  if (die <= 8) return { kind: "reset" };
  if (die <= 13) return { kind: "after", direction: "down", bytes: random.between(1, random.pick([50, 500, 20_000])) };
  if (die <= 17) return { kind: "after", direction: "up", bytes: random.between(1, 600) };
  if (die <= 19) return { kind: "stall", stallMs: random.between(1, 80) };
  return { kind: "outage", outageMs: random.between(50, 400) };
}

/** The same options give the same plan. Programs are spread over all cuts, so that starts are cut as well. */
export function makePlan({ seed, cuts, processes, lines }: PlanOptions): Plan {
  const random = seededRandom(seed);
  const bytes = random.bytes(BYTES_LENGTH);
  const starts: Program[][] = Array.from({ length: cuts }, () => []);
  for (let n = 0; n < processes; n += 1) {
    const kind = PROGRAM_KINDS[n % PROGRAM_KINDS.length] ?? "short";
    // Neighbouring cuts belong to different lines.
    const cut = Math.floor((n * cuts) / processes) + random.between(0, lines - 1);
    starts[Math.min(cut, cuts - 1)]?.push(makeProgram(kind, random, bytes));
  }
  const planned = starts.map((programs): PlannedCut => {
    const delayMs = random.between(0, 300);
    const leadMs = random.pick([0, 1, 3, 10, 100]);
    return { delayMs, cut: cutKind(random), starts: programs, leadMs: Math.min(leadMs, delayMs) };
  });
  return {
    seed,
    bytes,
    lines: Array.from({ length: lines }, (_, line) => planned.filter((_, n) => n % lines === line)),
  };
}
