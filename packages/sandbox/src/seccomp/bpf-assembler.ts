/** Bytes of one `struct sock_filter`. */
export const INSTRUCTION_BYTES = 8;

/** Most instructions that the kernel takes in one program. */
const MAX_INSTRUCTIONS = 4096;

/** Farthest that a conditional jump reaches: its two offsets are one byte each. */
const MAX_BRANCH = 255;

/** What a conditional jump asks about the accumulator. */
export type JumpTest = "equals" | "atLeast";

/** One line of a program. A branch without a label goes on with the next line. */
export type BpfStep =
  | { readonly kind: "load"; readonly offset: number }
  | { readonly kind: "and"; readonly mask: number }
  | {
      readonly kind: "jump";
      readonly test: JumpTest;
      readonly value: number;
      readonly ifTrue?: string | undefined;
      readonly ifFalse?: string | undefined;
    }
  | { readonly kind: "return"; readonly value: number }
  | { readonly kind: "label"; readonly name: string };

const JUMP_CODES: Readonly<Record<JumpTest, number>> = { equals: 0x15, atLeast: 0x35 };

type Instruction = Exclude<BpfStep, { kind: "label" }>;

/**
 * Assembles a classic BPF program into the bytes of a `struct sock_filter[]`, little-endian. Jumps lead forward only, so
 * every program ends. Throws `RangeError` for a program that the kernel would refuse or that means something else than written.
 */
export function assembleBpf(steps: readonly BpfStep[]): Uint8Array<ArrayBuffer> {
  if (steps.at(-1)?.kind !== "return") throw new RangeError("a BPF program has to end with a return");
  const { instructions, labels } = layOut(steps);
  if (instructions.length > MAX_INSTRUCTIONS) {
    throw new RangeError(`a BPF program has at most ${MAX_INSTRUCTIONS} instructions, not ${instructions.length}`);
  }
  const bytes = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
  const view = new DataView(bytes.buffer);
  instructions.forEach((instruction, index) => {
    const { code, ifTrue, ifFalse, operand } = encode(instruction, (label) => distance(labels, label, index));
    const at = index * INSTRUCTION_BYTES;
    view.setUint16(at, code, true);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, word(operand), true);
  });
  return bytes;
}

function layOut(steps: readonly BpfStep[]): { instructions: Instruction[]; labels: Map<string, number> } {
  const instructions: Instruction[] = [];
  const labels = new Map<string, number>();
  for (const step of steps) {
    if (step.kind !== "label") instructions.push(step);
    else if (labels.has(step.name)) throw new RangeError(`label ${step.name} is there twice`);
    else labels.set(step.name, instructions.length);
  }
  return { instructions, labels };
}

function encode(step: Instruction, jumpTo: (label: string | undefined) => number) {
  switch (step.kind) {
    case "load":
      return { code: 0x20, ifTrue: 0, ifFalse: 0, operand: step.offset };
    case "and":
      return { code: 0x54, ifTrue: 0, ifFalse: 0, operand: step.mask };
    case "return":
      return { code: 0x06, ifTrue: 0, ifFalse: 0, operand: step.value };
    case "jump":
      return {
        code: JUMP_CODES[step.test],
        ifTrue: jumpTo(step.ifTrue),
        ifFalse: jumpTo(step.ifFalse),
        operand: step.value,
      };
  }
}

function distance(labels: ReadonlyMap<string, number>, label: string | undefined, from: number): number {
  if (label === undefined) return 0;
  const target = labels.get(label);
  if (target === undefined) throw new RangeError(`there is no label ${label}`);
  const skipped = target - from - 1;
  if (skipped < 0) throw new RangeError(`label ${label} lies behind the jump to it`);
  if (skipped > MAX_BRANCH)
    throw new RangeError(`label ${label} is ${skipped} instructions away, at most ${MAX_BRANCH}`);
  return skipped;
}

function word(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError(`${value} is no unsigned 32-bit number`);
  }
  return value;
}
