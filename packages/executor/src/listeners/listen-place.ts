import { BlockList, isIPv6 } from "node:net";

/** Where to listen. */
export type ListenPlace =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** Whether only this machine reaches an IP address. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

export function isSamePlace(one: ListenPlace, other: ListenPlace): boolean {
  if (one.kind === "unix") return other.kind === "unix" && one.path === other.path;
  return other.kind === "tcp" && one.host === other.host && one.port === other.port;
}

/** For people. */
export function shownPlace(place: ListenPlace): string {
  return place.kind === "unix" ? place.path : `${place.host} port ${place.port}`;
}
