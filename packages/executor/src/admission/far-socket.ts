import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { diagnoseSocket } from "../platform/socket-diagnosis.ts";
import { ipBytes } from "./ip-bytes.ts";
import { findInSocketTables } from "./socket-table.ts";

/** Both ends of a connection, as this side's socket names them. */
export interface ConnectionEnds {
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
}

/**
 * The socket at the far end. `owned`: a process of this machine has it, made by this user. `orphaned`: it is or was of this machine, and
 * no process has it any more. `elsewhere`: of another machine, or of another network namespace, which is the same.
 */
export type FarSocket =
  | { readonly kind: "owned"; readonly uid: number; readonly inode: number }
  | { readonly kind: "orphaned" }
  | { readonly kind: "elsewhere" };

/** Find out about the far end of a connection, by the socket that has the same ends in reverse. */
export async function farSocket({ local, remote }: ConnectionEnds): Promise<FarSocket> {
  const [own, peer] = [ipBytes(remote.address), ipBytes(local.address)];
  if (own === undefined || peer === undefined || own.bytes.length !== peer.bytes.length) return { kind: "orphaned" };
  const ownEnd = { address: own.bytes, port: remote.port };
  const peerEnd = { address: peer.bytes, port: local.port };
  const found = diagnoseSocket(ownEnd, peerEnd, scopeOf(own.zone)) ?? (await findInSocketTables(ownEnd, peerEnd));
  if (found !== undefined) return found.inode === 0 ? { kind: "orphaned" } : { kind: "owned", ...found };
  return isOwnAddress(own.bytes) ? { kind: "orphaned" } : { kind: "elsewhere" };
}

/** Whether {@link farSocket} can find sockets here. */
export function canFindFarSockets(): boolean {
  return process.platform === "linux" && existsSync("/proc/self/net/tcp");
}

function scopeOf(zone: string): number {
  if (/^\d*$/.test(zone)) return Number(zone);
  const [found] = (networkInterfaces()[zone] ?? []).filter(({ family }) => family === "IPv6");
  return found?.scopeid ?? 0;
}

/** Whether an address, as a socket has it, is one of this machine's. */
export function isOfThisMachine(address: string): boolean {
  const own = ipBytes(address);
  return own !== undefined && isOwnAddress(own.bytes);
}

function isOwnAddress(bytes: Buffer): boolean {
  const isLoopback = bytes.length === 4 ? bytes[0] === 127 : bytes.toString("hex") === `${"0".repeat(31)}1`;
  if (isLoopback) return true;
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.some(({ address }) => ipBytes(address)?.bytes.equals(bytes) === true);
}
