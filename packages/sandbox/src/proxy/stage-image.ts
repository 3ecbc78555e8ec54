import type { SeccompArch } from "../seccomp/syscall-numbers.ts";
import type { StageData, Word } from "./stage-data.ts";

/** A system call, and where to go on after it. */
export interface StageCall {
  readonly number: bigint;
  /** At most six. */
  readonly args: readonly Word[];
  /** Others can go on here by this name. */
  readonly label?: string | undefined;
  /** When it returns just this, go on at a later call; else with the next one. */
  readonly when?: { readonly result: bigint; readonly goTo: string } | undefined;
}

const MAX_ARGUMENTS = 6;
/** Number, arguments, a result to look for, and how many bytes further it leads. */
const CALL_BYTES = (1 + MAX_ARGUMENTS + 2) * 8;
/** No system call returns it. */
const NEVER = 1n << 62n;
const HEADERS_BYTES = 64 + 56;
const LOAD_ADDRESS = 0x40_0000n;
const PAGE_BYTES = 0x1_0000n;
const READ_AND_EXECUTE = 5;

const MACHINE: Readonly<Record<SeccompArch, { readonly number: number; readonly code: readonly number[] }>> = {
  x64: {
    number: 62,
    code: [
      // lea rbx, [rip + table]
      0x48,
      0x8d,
      0x1d,
      0x31,
      0,
      0,
      0,
      // next: mov rax, [rbx]; mov rdi, [rbx + 8]; mov rsi, [rbx + 16]; mov rdx, [rbx + 24]
      0x48,
      0x8b,
      0x03,
      0x48,
      0x8b,
      0x7b,
      8,
      0x48,
      0x8b,
      0x73,
      16,
      0x48,
      0x8b,
      0x53,
      24,
      // mov r10, [rbx + 32]; mov r8, [rbx + 40]; mov r9, [rbx + 48]; syscall
      0x4c,
      0x8b,
      0x53,
      32,
      0x4c,
      0x8b,
      0x43,
      40,
      0x4c,
      0x8b,
      0x4b,
      48,
      0x0f,
      0x05,
      // cmp rax, [rbx + 56]; jne past; add rbx, [rbx + 64]
      0x48,
      0x3b,
      0x43,
      56,
      0x75,
      4,
      0x48,
      0x03,
      0x5b,
      64,
      // past: add rbx, 72; jmp next
      0x48,
      0x83,
      0xc3,
      CALL_BYTES,
      0xeb,
      0xd3,
      0,
      0,
      0,
      0,
    ],
  },
  arm64: {
    number: 183,
    code: [
      // adr x20, table
      0x10000194,
      // next: ldp x8, x0, [x20]; ldp x1, x2, [x20, #16]; ldp x3, x4, [x20, #32]; ldp x5, x6, [x20, #48]; svc #0
      0xa9400288, 0xa9410a81, 0xa9421283, 0xa9431a85, 0xd4000001,
      // ldr x7, [x20, #64]; cmp x0, x6; csel x7, x7, xzr, eq
      0xf9402287, 0xeb06001f, 0x9a9f00e7,
      // add x20, x20, x7; add x20, x20, #72; b next
      0x8b070294, 0x91012294, 0x17fffff6,
    ].flatMap((instruction) => [0, 8, 16, 24].map((shift) => (instruction >>> shift) & 0xff)),
  },
};

/**
 * A static Linux program that makes system calls one after the other until one of them does not return. The machine code is
 * a loop of a few instructions; everything else is data.
 */
export function stageImage(arch: SeccompArch, calls: readonly StageCall[], data: StageData): Uint8Array {
  const { number, code } = MACHINE[arch];
  const tableAt = HEADERS_BYTES + code.length;
  const dataAt = tableAt + calls.length * CALL_BYTES;
  const dataAddress = LOAD_ADDRESS + BigInt(dataAt);
  const placed = data.placedAt(dataAddress);
  const image = new Uint8Array(dataAt + placed.length);
  const view = new DataView(image.buffer);
  writeHeaders(view, number);
  image.set(code, HEADERS_BYTES);
  calls.flatMap(wordsOf).forEach((word, index) => {
    const value = typeof word === "bigint" ? BigInt.asUintN(64, word) : dataAddress + BigInt(word.at);
    view.setBigUint64(tableAt + 8 * index, value, true);
  });
  image.set(placed, dataAt);
  return image;
}

function wordsOf({ number, args, when }: StageCall, index: number, calls: readonly StageCall[]): Word[] {
  const unused = Array.from({ length: MAX_ARGUMENTS - args.length }, () => 0n);
  if (when === undefined) return [number, ...args, ...unused, NEVER, 0n];
  const target = calls.findIndex(({ label }) => label === when.goTo);
  if (target <= index) throw new RangeError(`'${when.goTo}' is no later call`);
  return [number, ...args, ...unused, when.result, BigInt((target - index - 1) * CALL_BYTES)];
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
  view.setBigUint64(24, LOAD_ADDRESS + BigInt(HEADERS_BYTES), true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  // One segment: the whole file.
  view.setUint32(64, 1, true);
  view.setUint32(68, READ_AND_EXECUTE, true);
  view.setBigUint64(80, LOAD_ADDRESS, true);
  view.setBigUint64(88, LOAD_ADDRESS, true);
  view.setBigUint64(96, size, true);
  view.setBigUint64(104, size, true);
  view.setBigUint64(112, PAGE_BYTES, true);
}
