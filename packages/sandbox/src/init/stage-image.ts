import type { SeccompArch } from "../seccomp/syscall-numbers.ts";
import type { StageData, Word } from "./stage-data.ts";

/** A system call, or a look at memory, and where to go on after it. */
export interface StageCall {
  /** {@link LOOK} for no call at all. */
  readonly number: bigint;
  /** At most six. */
  readonly args: readonly Word[];
  /** Others can go on here by this name. */
  readonly label?: string | undefined;
  /** Where to go on, always at a later call, when the result is just this, and when it is anything else; else with the next one. */
  readonly when?:
    | {
        readonly result?: bigint | undefined;
        readonly goTo?: string | undefined;
        readonly otherwise?: string | undefined;
      }
    | undefined;
}

/** Instead of a system call: the 64-bit word at the address that is the first argument, and of it the bits of the second. */
export const LOOK = -1n;

const MAX_ARGUMENTS = 6;
/** Number, arguments, a result to look for, and how many bytes further it leads, and any other does. */
const CALL_BYTES = (1 + MAX_ARGUMENTS + 3) * 8;
/** No system call returns it. */
const NEVER = 1n << 62n;
const HEADERS_BYTES = 64 + 56;
/** Low enough for every address to fit 32 bits. */
const LOAD_ADDRESS = 0x40_0000;
const PAGE_BYTES = 0x1_0000n;
const READ_AND_EXECUTE = 5;

const MACHINE: Readonly<Record<SeccompArch, { readonly number: number; readonly code: readonly number[] }>> = {
  x64: {
    number: 62,
    code: bytesOf(
      // lea rbx, [rip + table]
      "48 8d 1d 41 00 00 00",
      // next: mov rax, [rbx]; mov rdi, [rbx + 8]; mov rsi, [rbx + 16]; mov rdx, [rbx + 24]
      "48 8b 03  48 8b 7b 08  48 8b 73 10  48 8b 53 18",
      // mov r10, [rbx + 32]; mov r8, [rbx + 40]; mov r9, [rbx + 48]
      "4c 8b 53 20  4c 8b 43 28  4c 8b 4b 30",
      // test rax, rax; js look; syscall; jmp compare
      "48 85 c0  78 04  0f 05  eb 06",
      // look: mov rax, [rdi]; and rax, rsi
      "48 8b 07  48 21 f0",
      // compare: cmp rax, [rbx + 56]; jne other; add rbx, [rbx + 64]; jmp past
      "48 3b 43 38  75 06  48 03 5b 40  eb 04",
      // other: add rbx, [rbx + 72]
      "48 03 5b 48",
      // past: add rbx, 80; jmp next
      "48 83 c3 50  eb c0  00",
    ),
  },
  arm64: {
    number: 183,
    code: [
      // adr x20, table
      0x10000214,
      // next: ldp x8, x0, [x20]; ldp x1, x2, [x20, #16]; ldp x3, x4, [x20, #32]; ldp x5, x6, [x20, #48]
      0xa9400288, 0xa9410a81, 0xa9421283, 0xa9431a85,
      // tbnz x8, #63, look; svc #0; b compare
      0xb7f80068, 0xd4000001, 0x14000003,
      // look: ldr x0, [x0]; and x0, x0, x1
      0xf9400000, 0x8a010000,
      // compare: ldp x7, x9, [x20, #64]; cmp x0, x6; csel x7, x7, x9, eq
      0xa9442687, 0xeb06001f, 0x9a8900e7,
      // add x20, x20, x7; add x20, x20, #80; b next
      0x8b070294, 0x91014294, 0x17fffff2,
    ].flatMap((instruction) => [0, 8, 16, 24].map((shift) => (instruction >>> shift) & 0xff)),
  },
};

function bytesOf(...lines: readonly string[]): number[] {
  return lines.flatMap((line) => line.split(/ +/).map((byte) => Number.parseInt(byte, 16)));
}

/**
 * A static Linux program that makes system calls one after the other until one of them does not return. The machine code is
 * a loop of a few instructions; everything else is data.
 *
 * @throws RangeError for a label that no later call has.
 */
export function stageImage(arch: SeccompArch, calls: readonly StageCall[], data: StageData): Uint8Array {
  const { number, code } = MACHINE[arch];
  const tableAt = HEADERS_BYTES + code.length;
  const dataAt = tableAt + calls.length * CALL_BYTES;
  const dataAddress = LOAD_ADDRESS + dataAt;
  const placed = data.placedAt(dataAddress);
  const image = new Uint8Array(dataAt + placed.length);
  const view = new DataView(image.buffer);
  writeHeaders(view, number);
  image.set(code, HEADERS_BYTES);
  const labels = new Map(calls.flatMap(({ label }, index) => (label === undefined ? [] : [[label, index] as const])));
  calls.forEach((call, index) => {
    wordsOf(call, index, labels).forEach((word, position) => {
      const value = typeof word === "bigint" ? BigInt.asUintN(64, word) : BigInt(dataAddress + word.at);
      view.setBigUint64(tableAt + index * CALL_BYTES + 8 * position, value, true);
    });
  });
  image.set(placed, dataAt);
  return image;
}

function wordsOf({ number, args, when }: StageCall, index: number, labels: ReadonlyMap<string, number>): Word[] {
  const unused = Array.from({ length: MAX_ARGUMENTS - args.length }, () => 0n);
  const further = (label: string | undefined): bigint => {
    if (label === undefined) return 0n;
    const target = labels.get(label) ?? -1;
    if (target <= index) throw new RangeError(`'${label}' is no later call`);
    return BigInt((target - index - 1) * CALL_BYTES);
  };
  return [number, ...args, ...unused, when?.result ?? NEVER, further(when?.goTo), further(when?.otherwise)];
}

function writeHeaders(view: DataView, machine: number): void {
  const size = BigInt(view.byteLength);
  // ELF, 64 bits, little-endian, version 1.
  [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1].forEach((byte, index) => {
    view.setUint8(index, byte);
  });
  const executable = 2;
  view.setUint16(16, executable, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(LOAD_ADDRESS + HEADERS_BYTES), true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  // One segment: the whole file.
  view.setUint32(64, 1, true);
  view.setUint32(68, READ_AND_EXECUTE, true);
  view.setBigUint64(80, BigInt(LOAD_ADDRESS), true);
  view.setBigUint64(88, BigInt(LOAD_ADDRESS), true);
  view.setBigUint64(96, size, true);
  view.setBigUint64(104, size, true);
  view.setBigUint64(112, PAGE_BYTES, true);
}
