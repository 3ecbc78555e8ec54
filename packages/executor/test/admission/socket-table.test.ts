import { endianness } from "node:os";
import { describe, expect, test } from "vitest";
import { findSocketIn } from "../../src/admission/socket-table.ts";

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

function row(ends: string, state: string, uid: number, inode: number) {
  return `  12: ${ends} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 ${inode} 1 0000000000000000 20\n`;
}

const own = { address: Buffer.from([127, 0, 0, 1]), port: 0x8234 };
const peer = { address: Buffer.from([10, 1, 2, 3]), port: 0x1f90 };

describe.skipIf(endianness() !== "LE")("a table of sockets", () => {
  test("has a connection by both of its ends, in this order", () => {
    const table = `${HEAD}${row("0302010A:1F90 0100007F:8234", "01", 1, 11)}${row("0100007F:8234 0302010A:1F90", "01", 1000, 4711)}`;
    expect(findSocketIn(table, own, peer)).toEqual({ uid: 1000, inode: 4711 });
    expect(findSocketIn(table, peer, own)).toEqual({ uid: 1, inode: 11 });
    expect(findSocketIn(table, own, { ...peer, port: 1 })).toBeUndefined();
  });

  test("has one without an owner as what it is", () => {
    const table = HEAD + row("0100007F:8234 0302010A:1F90", "04", 0, 0);
    expect(findSocketIn(table, own, peer)).toEqual({ uid: 0, inode: 0 });
  });

  test("has an IPv4 connection of an IPv6 socket", () => {
    const ends = "0000000000000000FFFF00000100007F:8234 0000000000000000FFFF00000302010A:1F90";
    expect(findSocketIn(HEAD + row(ends, "01", 5, 6), own, peer)).toEqual({ uid: 5, inode: 6 });
  });

  test("has an IPv6 connection", () => {
    const address = Buffer.from("00000000000000000000000000000001", "hex");
    const ends = "00000000000000000000000001000000:8234 00000000000000000000000001000000:1F90";
    expect(findSocketIn(HEAD + row(ends, "01", 5, 6), { ...own, address }, { ...peer, address })).toEqual({
      uid: 5,
      inode: 6,
    });
  });

  test("has no connection in a listener, or in nothing", () => {
    expect(findSocketIn(HEAD + row("0100007F:8234 0302010A:1F90", "0A", 5, 6), own, peer)).toBeUndefined();
    expect(findSocketIn("", own, peer)).toBeUndefined();
  });
});
