import { readFile } from "node:fs/promises";
import type { DiagnosedSocket, SocketEnd } from "../platform/socket-diagnosis.ts";

/** The tables of this network namespace. An IPv4 connection of an IPv6 socket stands in the second. */
const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"] as const;
const WORD_BYTES = 4;
const MAPPED_PREFIX = Buffer.from("00000000000000000000ffff", "hex");
const LISTEN = "0A";
/** A table is read piece by piece while it changes, so that a row can be missed. */
const LOOKS = 3;

/**
 * Find the TCP socket that has these ends in the tables of `/proc`, for systems that can't be asked for one socket.
 *
 * @returns `undefined` when there is none, or no table.
 */
export async function findInSocketTables(own: SocketEnd, peer: SocketEnd): Promise<DiagnosedSocket | undefined> {
  for (let look = 0; look < LOOKS; look += 1) {
    for (const table of TABLES) {
      const found = findSocketIn(await textOf(table), own, peer);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Find a socket in the text of one table. */
export function findSocketIn(table: string, own: SocketEnd, peer: SocketEnd): DiagnosedSocket | undefined {
  for (const mapped of [false, true]) {
    const ends = `: ${spellingOf(own, mapped)} ${spellingOf(peer, mapped)} `;
    const at = table.indexOf(ends);
    if (at === -1) continue;
    const end = table.indexOf("\n", at);
    const row = table.slice(at + ends.length, end === -1 ? undefined : end);
    const [state, , , , uid, , inode] = row.trim().split(/\s+/);
    if (state !== LISTEN) return { uid: Number(uid), inode: Number(inode) };
  }
  return undefined;
}

/** Addresses are written word by word, each as this machine would read it as a number. */
function spellingOf({ address, port }: SocketEnd, mapped: boolean): string {
  const bytes = Buffer.from(mapped && address.length === 4 ? Buffer.concat([MAPPED_PREFIX, address]) : address);
  const words = Array.from(
    { length: bytes.length / WORD_BYTES },
    (_, index) =>
      new Uint32Array(
        bytes.buffer.slice(bytes.byteOffset + index * WORD_BYTES, bytes.byteOffset + (index + 1) * WORD_BYTES),
      ),
  );
  const text = words.map(([word = 0]) => word.toString(16).padStart(8, "0")).join("");
  return `${text}:${port.toString(16).padStart(4, "0")}`.toUpperCase();
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch {
    return "";
  }
}
