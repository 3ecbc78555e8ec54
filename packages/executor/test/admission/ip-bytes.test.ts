import { expect, test } from "vitest";
import { ipBytes } from "../../src/admission/ip-bytes.ts";

function hex(text: string) {
  return ipBytes(text)?.bytes.toString("hex");
}

test.each([
  ["127.0.0.1", "7f000001"],
  ["::ffff:127.0.0.1", "7f000001"],
  ["::ffff:7f00:1", "7f000001"],
  ["::", "0".repeat(32)],
  ["::1", `${"0".repeat(31)}1`],
  ["1::", `0001${"0".repeat(28)}`],
  ["2001:db8::8:800:200c:417a", "20010db80000000000080800200c417a"],
  ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
  ["1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"],
])("%s has the bytes %s", (text, bytes) => {
  expect(hex(text)).toBe(bytes);
});

test("a link-local address has an interface", () => {
  expect(ipBytes("fe80::1%eth0")).toMatchObject({ zone: "eth0" });
  expect(hex("fe80::1%eth0")).toBe(`fe80${"0".repeat(27)}1`);
});

test.each(["", "localhost", "127.1", "1.2.3.4.5", ":::", "::1::"])("%j is no address", (text) => {
  expect(ipBytes(text)).toBeUndefined();
});
