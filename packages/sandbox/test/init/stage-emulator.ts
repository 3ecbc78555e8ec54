/** A system call that a stage made: its number, its arguments, and the memory they point into. */
export interface MadeCall {
  readonly number: number;
  readonly args: readonly bigint[];
}

export interface Memory {
  word(address: bigint): bigint;
  bytes(address: bigint, length: number): Uint8Array;
  text(address: bigint): string;
  /** Texts of a list of pointers that ends with 0. */
  texts(address: bigint): string[];
  /** What a system call writes into memory that the stage may write to. */
  put(address: bigint, word: bigint): void;
}

const LAST_CALLS = [231, 94];
/** What the stage maps for answers of the kernel. */
const SCRATCH = 0x1000_0000n;
const SCRATCH_BYTES = 4_096;

/** What a system call returns. Default: 0. */
export type Answer = (call: MadeCall, memory: Memory) => bigint;

/** In place of an {@link Answer}: whatever the stage makes sure of is as it wants it. For x64 only. */
export const AGREES = "agrees";

/** Runs the instructions of a stage, as its processor would, until it exits. */
export function emulateStage(
  image: Uint8Array,
  answer: Answer | typeof AGREES = () => 0n,
): { calls: MadeCall[]; memory: Memory; machine: number } {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const base = view.getBigUint64(80, true);
  const offset = (address: bigint) => Number(address - base);
  const scratch = new DataView(new ArrayBuffer(SCRATCH_BYTES));
  const memory: Memory = {
    word: (address) =>
      address >= SCRATCH
        ? scratch.getBigUint64(Number(address - SCRATCH), true)
        : view.getBigUint64(offset(address), true),
    put: (address, word) => scratch.setBigUint64(Number(address - SCRATCH), word, true),
    bytes: (address, length) => image.slice(offset(address), offset(address) + length),
    text: (address) => Buffer.from(image.slice(offset(address), image.indexOf(0, offset(address)))).toString(),
    texts(address) {
      const pointer = memory.word(address);
      return pointer === 0n ? [] : [memory.text(pointer), ...memory.texts(address + 8n)];
    },
  };
  const machine = view.getUint16(18, true);
  const start = view.getBigUint64(24, true);
  if (machine === 183 && answer === AGREES) throw new Error("only for x64");
  const calls =
    machine === 183 && answer !== AGREES
      ? runArm64(view, start, base, memory, answer)
      : runX64(view, start, base, memory, answer);
  return { calls, memory, machine };
}

function runArm64(view: DataView, start: bigint, base: bigint, memory: Memory, answer: Answer): MadeCall[] {
  const registers = new Map<number, bigint>();
  const read = (register: number) => registers.get(register) ?? 0n;
  const calls: MadeCall[] = [];
  let areEqual = false;
  for (let counter = start; calls.length < 1_000; counter += 4n) {
    const code = view.getUint32(Number(counter - base), true);
    const target = code & 31;
    const from = read((code >>> 5) & 31);
    if ((code & 0x9f000000) >>> 0 === 0x10000000) {
      registers.set(target, counter + BigInt((((code >>> 5) & 0x7ffff) << 2) | ((code >>> 29) & 3)));
    } else if ((code & 0xffc00000) >>> 0 === 0xa9400000) {
      const at = from + BigInt(((code >>> 15) & 0x7f) * 8);
      registers.set(target, memory.word(at)).set((code >>> 10) & 31, memory.word(at + 8n));
    } else if ((code & 0xffc00000) >>> 0 === 0xf9400000) {
      registers.set(target, memory.word(from + BigInt(((code >>> 10) & 0xfff) * 8)));
    } else if (code === 0xd4000001) {
      const number = Number(read(8));
      const call = { number, args: [0, 1, 2, 3, 4, 5].map(read) };
      calls.push(call);
      if (LAST_CALLS.includes(number)) return calls;
      registers.set(0, BigInt.asUintN(64, answer(call, memory)));
    } else if ((code & 0xfff80000) >>> 0 === 0xb7f80000) {
      // A bit that is set, the highest.
      if (read(target) >> 63n === 1n) counter += BigInt(((code >>> 5) & 0x3fff) * 4) - 4n;
    } else if ((code & 0xffe0fc00) >>> 0 === 0x8a000000) {
      registers.set(target, from & read((code >>> 16) & 31));
    } else if ((code & 0xffe0fc1f) >>> 0 === 0xeb00001f) {
      areEqual = from === read((code >>> 16) & 31);
    } else if ((code & 0xffe0fc00) >>> 0 === 0x9a800000) {
      registers.set(target, areEqual ? from : read((code >>> 16) & 31));
    } else if ((code & 0xffe0fc00) >>> 0 === 0x8b000000) {
      registers.set(target, BigInt.asUintN(64, from + read((code >>> 16) & 31)));
    } else if ((code & 0xffc00000) >>> 0 === 0x91000000) {
      registers.set(target, from + BigInt((code >>> 10) & 0xfff));
    } else if (code >>> 26 === 0b000101) {
      counter += BigInt(((code << 6) >> 6) * 4) - 4n;
    } else {
      throw new Error(`unknown instruction ${code.toString(16)}`);
    }
  }
  throw new Error("it did not end");
}

function runX64(
  view: DataView,
  start: bigint,
  base: bigint,
  memory: Memory,
  answer: Answer | typeof AGREES,
): MadeCall[] {
  const at = Number(start - base);
  const loop = Buffer.from(view.buffer, view.byteOffset + at, 71).toString("hex");
  const loads = "488d1d........488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b30";
  const asks = "4885c078040f05eb06488b074821f0";
  const goesOn = "483b4338750648035b40eb0448035b484883c350ebc0";
  if (!new RegExp(`^${loads}${asks}${goesOn}$`).test(loop)) throw new Error(`another loop: ${loop}`);
  let table = start + 7n + BigInt(view.getInt32(at + 3, true));
  const calls: MadeCall[] = [];
  for (; calls.length < 1_000; table += 80n) {
    const [number = 0n, ...args] = Array.from({ length: 7 }, (_, index) => memory.word(table + BigInt(8 * index)));
    const [wanted, otherwise] = [memory.word(table + 56n), memory.word(table + 72n)];
    let result: bigint;
    if (BigInt.asIntN(64, number) < 0n) result = memory.word(args[0] ?? 0n) & (args[1] ?? 0n);
    else {
      const call = { number: Number(number), args };
      calls.push(call);
      if (LAST_CALLS.includes(call.number)) return calls;
      result = answer === AGREES ? 0n : BigInt.asUintN(64, answer(call, memory));
    }
    if (answer === AGREES && otherwise !== 0n) result = wanted;
    table += result === wanted ? memory.word(table + 64n) : otherwise;
  }
  throw new Error("it did not end");
}
