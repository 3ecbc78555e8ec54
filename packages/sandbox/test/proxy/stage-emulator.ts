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

/** Runs the instructions of a stage, as its processor would, until it exits. */
export function emulateStage(image: Uint8Array): { calls: MadeCall[]; memory: Memory; machine: number } {
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
  const calls = machine === 183 ? runArm64(view, start, base, memory) : runX64(view, start, base, memory);
  return { calls, memory, machine };
}

function runArm64(view: DataView, start: bigint, base: bigint, memory: Memory): MadeCall[] {
  const registers = new Map<number, bigint>();
  const read = (register: number) => registers.get(register) ?? 0n;
  const calls: MadeCall[] = [];
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
      calls.push({ number, args: [0, 1, 2, 3, 4, 5].map(read) });
      if (LAST_CALLS.includes(number)) return calls;
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

function runX64(view: DataView, start: bigint, base: bigint, memory: Memory): MadeCall[] {
  const at = Number(start - base);
  const loop = Buffer.from(view.buffer, view.byteOffset + at, 42).toString("hex");
  const expected = "488d1d........488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f054883c338ebdd";
  if (!new RegExp(`^${expected}$`).test(loop)) throw new Error(`another loop: ${loop}`);
  let table = start + 7n + BigInt(view.getInt32(at + 3, true));
  const calls: MadeCall[] = [];
  for (; calls.length < 1_000; table += 56n) {
    const [number = 0n, ...args] = Array.from({ length: 7 }, (_, index) => memory.word(table + BigInt(8 * index)));
    calls.push({ number: Number(number), args });
    if (LAST_CALLS.includes(Number(number))) return calls;
  }
  throw new Error("it did not end");
}
