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
}

const LAST_CALLS = [231, 94];

/** What a system call returns. Default: 0. */
export type Answer = (call: MadeCall, memory: Memory) => bigint;

/** Runs the instructions of a stage, as its processor would, until it exits. */
export function emulateStage(
  image: Uint8Array,
  answer: Answer = () => 0n,
): { calls: MadeCall[]; memory: Memory; machine: number } {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const base = view.getBigUint64(80, true);
  const offset = (address: bigint) => Number(address - base);
  const memory: Memory = {
    word: (address) => view.getBigUint64(offset(address), true),
    bytes: (address, length) => image.slice(offset(address), offset(address) + length),
    text: (address) => Buffer.from(image.slice(offset(address), image.indexOf(0, offset(address)))).toString(),
    texts(address) {
      const pointer = memory.word(address);
      return pointer === 0n ? [] : [memory.text(pointer), ...memory.texts(address + 8n)];
    },
  };
  const machine = view.getUint16(18, true);
  const start = view.getBigUint64(24, true);
  const calls =
    machine === 183 ? runArm64(view, start, base, memory, answer) : runX64(view, start, base, memory, answer);
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
    } else if ((code & 0xffe0fc1f) >>> 0 === 0xeb00001f) {
      areEqual = from === read((code >>> 16) & 31);
    } else if ((code & 0xffe0fc00) >>> 0 === 0x9a800000) {
      // The last register reads as 0 here.
      const other = (code >>> 16) & 31;
      registers.set(target, areEqual ? from : other === 31 ? 0n : read(other));
    } else if ((code & 0xffe0fc00) >>> 0 === 0x8b000000) {
      registers.set(target, from + read((code >>> 16) & 31));
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

function runX64(view: DataView, start: bigint, base: bigint, memory: Memory, answer: Answer): MadeCall[] {
  const at = Number(start - base);
  const loop = Buffer.from(view.buffer, view.byteOffset + at, 52).toString("hex");
  const asks = "488d1d........488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f05";
  const goesOn = "483b4338750448035b404883c348ebd3";
  if (!new RegExp(`^${asks}${goesOn}$`).test(loop)) throw new Error(`another loop: ${loop}`);
  let table = start + 7n + BigInt(view.getInt32(at + 3, true));
  const calls: MadeCall[] = [];
  for (; calls.length < 1_000; table += 72n) {
    const [number = 0n, ...args] = Array.from({ length: 7 }, (_, index) => memory.word(table + BigInt(8 * index)));
    const call = { number: Number(number), args };
    calls.push(call);
    if (LAST_CALLS.includes(call.number)) return calls;
    if (BigInt.asUintN(64, answer(call, memory)) === memory.word(table + 56n)) table += memory.word(table + 64n);
  }
  throw new Error("it did not end");
}
