import { BlockList, isIP } from "node:net";

const LOCAL = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  LOCAL.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  // Unspecified, loopback, and the old form of embedded addresses.
  ["::", 96],
  // Translators lead to addresses inside them that only they know.
  ["64:ff9b::", 16],
  ["100::", 64],
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const) {
  LOCAL.addSubnet(network, prefix, "ipv6");
}

/** Does an address lead to this machine, a private network, or anything else that is not the public internet? True for what is none. */
export function isLocalAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return LOCAL.check(address, "ipv4");
    case 6:
      return LOCAL.check(address, "ipv6");
    default:
      return true;
  }
}
