import type { SeccompArch } from "../seccomp/syscall-numbers.ts";
import type { StageData, Word } from "./stage-data.ts";

/** A system call: its number and six arguments. */
export type StageCall = readonly [Word, Word, Word, Word, Word, Word, Word];

const CALL_BYTES = 7 * 8;
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
      0x29,
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
      // add rbx, 56; jmp next
      0x48,
      0x83,
      0xc3,
      CALL_BYTES,
      0xeb,
      0xdd,
      0,
      0,
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
      0x10000114,
      // next: ldp x8, x0, [x20]; ldp x1, x2, [x20, #16]; ldp x3, x4, [x20, #32]; ldr x5, [x20, #48]; svc #0
      0xa9400288, 0xa9410a81, 0xa9421283, 0xf9401a85, 0xd4000001,
      // add x20, x20, #56; b next
      0x9100e294, 0x17fffffa,
    ].flatMap((instruction) => [0, 8, 16, 24].map((shift) => (instruction >>> shift) & 0xff)),
  },
};

/**
 * A static Linux program that makes system calls one after the other, whatever they return, until one of them does not
 * return. The machine code is a loop of a few instructions; everything else is data.
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
  calls.flat().forEach((word, index) => {
    const value = typeof word === "bigint" ? BigInt.asUintN(64, word) : dataAddress + BigInt(word.at);
    view.setBigUint64(tableAt + 8 * index, value, true);
  });
  image.set(placed, dataAt);
  return image;
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
