import type { OutputStream } from "@holdfast/exec-client";
import type { Random } from "./random.ts";

/** A shell program of which every byte of output is known beforehand. */
export interface Program {
  readonly kind: ProgramKind;
  /** For `/bin/sh -c`. The file of random bytes is `$BYTES`. */
  readonly script: string;
  readonly tty: boolean;
  readonly expected: ReadonlyMap<OutputStream, Buffer>;
  readonly exitCode: number;
  /** What is written to stdin, group by group, as soon as `afterBytes` of output have come. */
  readonly input?: { readonly afterBytes: number; readonly groups: readonly (readonly Buffer[])[] };
}

export type ProgramKind = (typeof PROGRAM_KINDS)[number];

/** Every kind of output that a line can break in. */
export const PROGRAM_KINDS = [
  "short",
  "lines",
  "echo",
  "both-streams",
  "terminal-lines",
  "bursts",
  "late-child",
  "terminal-echo",
  "flood",
] as const;

const KIBIBYTE = 1024;
const MEBIBYTE = KIBIBYTE * KIBIBYTE;

/** Length of the file that binary output is cut from. */
export const BYTES_LENGTH = 8 * MEBIBYTE;

interface Slice {
  readonly command: string;
  readonly data: Buffer;
}

type Maker = (random: Random, bytes: Buffer) => Omit<Program, "kind">;

function slice(random: Random, bytes: Buffer, [low, high]: readonly [number, number]): Slice {
  const length = random.between(low, high);
  const start = random.between(0, bytes.length - length);
  const command = `tail -c +${start + 1} "$BYTES" | head -c ${length}`;
  return { command, data: bytes.subarray(start, start + length) };
}

function slices(random: Random, bytes: Buffer, count: number, range: readonly [number, number]): Slice[] {
  return Array.from({ length: count }, () => slice(random, bytes, range));
}

function joined(parts: readonly Slice[]): Buffer {
  return Buffer.concat(parts.map(({ data }) => data));
}

function inputGroups(random: Random, maxBytes: number): Buffer[][] {
  return Array.from({ length: random.between(20, 80) }, () =>
    Array.from({ length: random.between(1, 3) }, () => random.bytes(random.between(1, maxBytes))),
  );
}

function lineProgram(random: Random, tty: boolean): Omit<Program, "kind"> {
  const rounds = random.between(3, 20);
  const mark = random.between(0, 1_000_000);
  const exitCode = random.between(0, 100);
  const say = `for line in 0 1 2 3 4; do echo "${mark} $round $line"; done`;
  const text = Array.from(
    { length: rounds * 5 },
    (_, n) => `${mark} ${Math.floor(n / 5)} ${n % 5}${tty ? "\r" : ""}\n`,
  );
  return {
    tty,
    script: `round=0; while [ $round -lt ${rounds} ]; do ${say}; round=$((round+1)); sleep 0.2; done; exit ${exitCode}`,
    expected: new Map([[tty ? "pty" : "stdout", Buffer.from(text.join(""))]]),
    exitCode,
  };
}

const MAKERS: Readonly<Record<ProgramKind, Maker>> = {
  short: (random) => {
    const exitCode = random.between(0, 100);
    const mark = random.between(0, 1_000_000);
    const expected = new Map([["stdout", Buffer.from(`${mark}\n`)]] as const);
    return { tty: false, script: `echo ${mark}; exit ${exitCode}`, expected, exitCode };
  },
  lines: (random) => lineProgram(random, false),
  "terminal-lines": (random) => lineProgram(random, true),
  bursts: (random, bytes) => {
    const parts = slices(random, bytes, random.between(3, 8), [20 * KIBIBYTE, 200 * KIBIBYTE]);
    const script = parts.map(({ command }) => `${command}; sleep 0.3`).join("; ");
    return { tty: false, script, expected: new Map([["stdout", joined(parts)]] as const), exitCode: 0 };
  },
  flood: (random, bytes) => {
    const part = slice(random, bytes, [2 * MEBIBYTE, 6 * MEBIBYTE]);
    const expected = new Map([["stdout", part.data]] as const);
    return { tty: false, script: `sleep 0.2; ${part.command}; exit 7`, expected, exitCode: 7 };
  },
  "both-streams": (random, bytes) => {
    const out = slices(random, bytes, 6, [1, 20 * KIBIBYTE]);
    const err = slices(random, bytes, 6, [1, 20 * KIBIBYTE]);
    const steps = out.map(({ command }, n) => `${command}; { ${err[n]?.command}; } >&2; sleep 0.2`);
    const expected = new Map([
      ["stdout", joined(out)],
      ["stderr", joined(err)],
    ] as const);
    return { tty: false, script: `${steps.join("; ")}; exit 3`, expected, exitCode: 3 };
  },
  "late-child": (random, bytes) => {
    const late = slice(random, bytes, [1, 50 * KIBIBYTE]);
    const script = `{ sleep 0.${random.between(2, 9)}; ${late.command}; } & echo early; exit 5`;
    const expected = new Map([["stdout", Buffer.concat([Buffer.from("early\n"), late.data])]] as const);
    return { tty: false, script, expected, exitCode: 5 };
  },
  echo: (random) => {
    const groups = inputGroups(random, 4_000);
    const all = Buffer.concat(groups.flat());
    const script = `head -c ${all.length}; exit 9`;
    return { tty: false, script, expected: new Map([["stdout", all]]), exitCode: 9, input: { afterBytes: 0, groups } };
  },
  "terminal-echo": (random) => {
    const groups = inputGroups(random, 1_000);
    const all = Buffer.concat(groups.flat());
    const expected = new Map([["pty", Buffer.concat([Buffer.from("ready\n"), all])]] as const);
    const script = `stty raw -echo; echo ready; head -c ${all.length}; exit 11`;
    return { tty: true, script, expected, exitCode: 11, input: { afterBytes: 6, groups } };
  },
};

/** A program of this kind; its particulars come from `random`. @param bytes - What the file `$BYTES` will hold. */
export function makeProgram(kind: ProgramKind, random: Random, bytes: Buffer): Program {
  return {
    kind,
    ...MAKERS[kind](random, bytes),
  };
}

/** Bytes of output on all streams. */
export function outputBytes({ expected }: Pick<Program, "expected">): number {
  return [...expected.values()].reduce((sum, { length }) => sum + length, 0);
}
