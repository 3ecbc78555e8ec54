import { isIP } from "node:net";

const MAPPED_PREFIX = "00000000000000000000ffff";

/** An IP address as bytes, and the interface of a link-local one. */
export interface IpBytes {
  /** 4 or 16. An IPv4 address in an IPv6 one counts as the former: sockets of both kinds can be its ends. */
  readonly bytes: Buffer;
  /** What follows a `%`; empty without one. */
  readonly zone: string;
}

/** @returns `undefined` for text that is no address. */
export function ipBytes(text: string): IpBytes | undefined {
  const [address = "", zone = ""] = text.split("%", 2);
  const version = isIP(address);
  if (version === 4) return { bytes: Buffer.from(address.split(".").map(Number)), zone };
  if (version !== 6) return undefined;
  const bytes = Buffer.from(hexOf(address), "hex");
  return bytes.toString("hex").startsWith(MAPPED_PREFIX) ? { bytes: bytes.subarray(12), zone } : { bytes, zone };
}

/** Of a valid IPv6 address, its 32 digits. */
function hexOf(address: string): string {
  const [, head = address, a, b, c, d] = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address) ?? [];
  const tail = a === undefined ? "" : Buffer.from([a, b, c, d].map(Number)).toString("hex");
  const groups = (text: string): readonly string[] => text.split(":").filter((group) => group !== "");
  const words = (text: string): string =>
    groups(text)
      .map((group) => group.padStart(4, "0"))
      .join("");
  const [left = "", right] = head.split("::", 2);
  if (right === undefined) return words(left) + tail;
  const [before, after] = [words(left), words(right) + tail];
  return before + "0".repeat(32 - before.length - after.length) + after;
}
