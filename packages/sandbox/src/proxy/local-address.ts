import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

type Subnet = readonly [network: string, prefix: number];

/** What is not the public internet, by the registries of special addresses; and what is, but leads elsewhere. */
const LOCAL_IPV4 = subnets("ipv4", [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // In the public space, but Azure's machines find the keeper of their secrets there.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  // Relays of 6to4, which are no more.
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
]);

/** All that was ever given out. The rest is loopback, embedded IPv4 in many forms, links, sites, multicast, or nothing yet. */
const GLOBAL_IPV6 = subnets("ipv6", [["2000::", 3]]);

const LOCAL_IPV6 = subnets("ipv6", [
  // Protocols: Teredo, benchmarks, identifiers that are no places.
  ["2001::", 23],
  ["2001:db8::", 32],
  // Leads to the IPv4 address in it.
  ["2002::", 16],
  ["3fff::", 20],
]);

const MAPPED_IPV4 = subnets("ipv6", [["::ffff:0:0", 96]]);

/** An interface of this machine, as far as it matters here. */
type Addresses = Readonly<Record<string, readonly { readonly address: string }[] | undefined>>;

/**
 * Tells of addresses whether they lead to this machine, a private network, or anything else that is not the public internet. True
 * for what is no address.
 *
 * The machine's own addresses are those that it has now, public ones included: a connection to one reaches what listens here
 * behind every firewall. One that a router translates for it is not known to the machine, and not told.
 */
export function localAddresses(interfaces: Addresses = networkInterfaces()): (address: string) => boolean {
  const own = new BlockList();
  for (const { address } of Object.values(interfaces).flatMap((each) => each ?? [])) {
    const [plain = ""] = address.split("%");
    if (isIP(plain) !== 0) own.addAddress(plain, isIP(plain) === 4 ? "ipv4" : "ipv6");
  }
  return (address) => {
    switch (isIP(address)) {
      case 4:
        return LOCAL_IPV4.check(address, "ipv4") || own.check(address, "ipv4");
      case 6:
        return isLocalIpv6(address) || own.check(address, "ipv6");
      default:
        return true;
    }
  };
}

function isLocalIpv6(address: string): boolean {
  // A list looks a mapped address up as what it is.
  if (MAPPED_IPV4.check(address, "ipv6")) return LOCAL_IPV4.check(address, "ipv6");
  return !GLOBAL_IPV6.check(address, "ipv6") || LOCAL_IPV6.check(address, "ipv6");
}

function subnets(family: "ipv4" | "ipv6", list: readonly Subnet[]): BlockList {
  const blocks = new BlockList();
  for (const [network, prefix] of list) blocks.addSubnet(network, prefix, family);
  return blocks;
}
