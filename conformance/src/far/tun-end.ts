/*
 * One end of a line, as a program inside the network of its host: makes the interface named by its argument, writes the packets that leave
 * by it to stdout, and puts those of stdin on it.
 */
import { constants, openSync, read, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { readPackets, writePacket } from "./packet-stream.ts";

/** Of <linux/if_tun.h>: name an interface, one of packets without a header. */
const TUNSETIFF = 0x4004_54ca;
const IFF_TUN_WITHOUT_HEADER = 0x1001;
/** `struct ifreq`: 16 bytes of name, then flags. */
const REQUEST_BYTES = 40;
const NAME_BYTES = 16;
const MAX_PACKET_BYTES = 65_535;

interface Koffi {
  load(path: null): { func(prototype: string): (...values: unknown[]) => number };
}

function openInterface(name: string): number {
  const koffi: Koffi = createRequire(import.meta.url)("koffi");
  const ioctl = koffi.load(null).func("int ioctl(int fd, unsigned long request, void *argument)");
  const descriptor = openSync("/dev/net/tun", constants.O_RDWR);
  const request = Buffer.alloc(REQUEST_BYTES);
  request.write(name.slice(0, NAME_BYTES - 1));
  request.writeUInt16LE(IFF_TUN_WITHOUT_HEADER, NAME_BYTES);
  if (ioctl(descriptor, TUNSETIFF, request) !== 0) throw new Error(`the interface ${name} could not be made`);
  return descriptor;
}

const descriptor = openInterface(process.argv[2] ?? "line");
const buffer = Buffer.alloc(MAX_PACKET_BYTES);

function readNext(): void {
  read(descriptor, buffer, 0, buffer.byteLength, null, (error, length) => {
    if (error !== null) throw error;
    writePacket(process.stdout, buffer.subarray(0, length));
    readNext();
  });
}

readNext();
readPackets(process.stdin, (packet) => {
  try {
    writeSync(descriptor, packet);
  } catch {
    // An interface that is down takes none, as a cable that is out.
  }
});
// No orderly exit: that would wait for a packet, which is what a thread is waiting for.
process.stdin.once("end", () => process.kill(process.pid, "SIGKILL"));
