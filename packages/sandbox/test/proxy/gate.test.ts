import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { parseDomainPattern } from "../../src/proxy/domain-pattern.ts";
import { createGate } from "../../src/proxy/gate.ts";
import { localAddresses } from "../../src/proxy/local-address.ts";

interface Rules {
  allow?: string[];
  deny?: string[];
  allowLocalBinding?: boolean;
  names?: Readonly<Record<string, string[]>>;
}

async function decide(host: string, { allow = [], deny = [], allowLocalBinding = false, names = {} }: Rules) {
  const config = {
    enableSocks5: true,
    mode: "full",
    allowLocalBinding,
    allowed: allow.map(parseDomainPattern),
    denied: deny.map(parseDomainPattern),
  } as const;
  const gate = createGate(config, (name) => {
    const found = names[name];
    return found === undefined ? Promise.reject(new Error("no such name")) : Promise.resolve(found);
  });
  const passage = await gate.decide({ protocol: "http", host, port: 80 });
  return passage.kind === "open" ? passage.addresses : passage.reason;
}

const PUBLIC = "93.184.216.34";
const NAMES = {
  "a.test": [PUBLIC],
  "in.test": ["10.1.2.3"],
  "mixed.test": [PUBLIC, "127.0.0.1"],
  localhost: ["127.0.0.1"],
};

describe("the gate", () => {
  test.each<[string, string, Rules, string | string[]]>([
    ["what nothing allows is blocked", "a.test", {}, "not_allowed"],
    ["what is allowed leads to its addresses", "a.test", { allow: ["a.test"], names: NAMES }, [PUBLIC]],
    ["deny beats allow", "a.test", { allow: ["a.test"], deny: ["*.test"], names: NAMES }, "denied"],
    ["deny beats everything allowed", "a.test", { allow: ["*"], deny: ["a.test"], names: NAMES }, "denied"],
    ["a name that does not exist is blocked", "b.test", { allow: ["*"], names: NAMES }, "not_allowed_local"],
    ["a name without addresses is blocked", "e.test", { allow: ["*"], names: { "e.test": [] } }, "not_allowed_local"],
    ["a name may not lead inside", "in.test", { allow: ["in.test"], names: NAMES }, "not_allowed_local"],
    ["not even with one of its addresses", "mixed.test", { allow: ["*"], names: NAMES }, "not_allowed_local"],
    [
      "an answer that is no address is none",
      "x.test",
      { allow: ["*"], names: { "x.test": ["evil"] } },
      "not_allowed_local",
    ],
    ["loopback is blocked", "127.0.0.1", { allow: ["*"] }, "not_allowed_local"],
    ["localhost is blocked", "localhost", { allow: ["*"], names: NAMES }, "not_allowed_local"],
    ["names below localhost are blocked", "a.localhost", { allow: ["*"], names: NAMES }, "not_allowed_local"],
    ["metadata is blocked", "169.254.169.254", { allow: ["*"] }, "not_allowed_local"],
    ["loopback that is allowed by name is open", "127.0.0.1", { allow: ["127.0.0.1"] }, ["127.0.0.1"]],
    ["localhost that is allowed by name is open", "localhost", { allow: ["localhost"], names: NAMES }, ["127.0.0.1"]],
    [
      "with local binding, local ones are open if allowed",
      "in.test",
      { allow: ["*"], allowLocalBinding: true, names: NAMES },
      ["10.1.2.3"],
    ],
    ["with local binding, what nothing allows stays blocked", "10.0.0.1", { allowLocalBinding: true }, "not_allowed"],
    ["public addresses are open if allowed", PUBLIC, { allow: [PUBLIC] }, [PUBLIC]],
  ])("%s", async (_what, host, rules, expected) => {
    expect(await decide(host, rules)).toEqual(expected);
  });
});

describe("names", () => {
  test("that are blocked are never asked for, so that none can carry a message out", async () => {
    const asked: string[] = [];
    const config = { enableSocks5: true, mode: "full", allowLocalBinding: false } as const;
    const [allowed, denied] = [[parseDomainPattern("*.test")], [parseDomainPattern("d.test")]];
    const gate = createGate({ ...config, allowed, denied }, async (name) => {
      asked.push(name);
      return [PUBLIC];
    });
    for (const host of ["x.example", "d.test", "localhost", "a.test"])
      await gate.decide({ protocol: "http", host, port: 80 });
    expect(asked).toEqual(["a.test"]);
  });
});

describe("a local address", () => {
  const isLocalAddress = localAddresses({});

  test.each([
    ..."0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255".split(" "),
    ..."192.168.1.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:a00:1".split(" "),
    ..."::7f00:1 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::1 fc00::1 fdff::1 fe80::1 fec0::1 ff02::1 evil".split(" "),
    // Azure's, that of 6to4, translated IPv4 in its other forms, documentation, benchmarks, segments, nobody's.
    ..."168.63.129.16 192.88.99.1 ::ffff:a83f:8110 ::ffff:0:7f00:1 ::ffff:0:127.0.0.1 64:ff9b:1::a00:1 3fff::1".split(
      " ",
    ),
    ..."2001:2::1 2001:20::1 2001:db8::1 100::1 100:0:0:1::1 5f00::1 4000::1 1fff::1".split(" "),
  ])("%s", (address) => {
    expect(isLocalAddress(address)).toBe(true);
  });

  test.each([
    ..."8.8.8.8 93.184.216.34 172.15.0.1 172.32.0.1 100.128.0.1 168.63.129.17 192.88.98.255".split(" "),
    ..."2606:2800:220:1::1 2001:4860:4860::8888 2a00:1450::1 ::ffff:8.8.8.8".split(" "),
  ])("not %s", (address) => {
    expect(isLocalAddress(address)).toBe(false);
  });

  test("is every one that this machine has", () => {
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    expect(own.length).toBeGreaterThan(0);
    for (const { address } of own) expect([address, localAddresses()(address)]).toEqual([address, true]);
  });

  test("is a public one while an interface has it, however it is spelled", async () => {
    const interfaces = { eth0: [{ address: PUBLIC }, { address: "2606:2800:220:1::1" }, { address: "fe80::1%eth0" }] };
    const isLocal = localAddresses(interfaces);
    for (const address of [PUBLIC, `::ffff:${PUBLIC}`, "2606:2800:0220:0001:0:0:0:1"]) {
      expect([address, isLocal(address)]).toEqual([address, true]);
    }
    expect(isLocal("2606:2800:220:1::2")).toBe(false);
    // Addresses come and go: they are asked for at each decision.
    let has = true;
    const config = { enableSocks5: true, mode: "full", allowLocalBinding: false, denied: [] } as const;
    const gate = createGate(
      { ...config, allowed: [parseDomainPattern("*")] },
      async () => [PUBLIC],
      () => localAddresses(has ? interfaces : {}),
    );
    for (const host of [PUBLIC, "a.test"]) {
      has = true;
      expect(await gate.decide({ protocol: "http", host, port: 80 })).toMatchObject({ reason: "not_allowed_local" });
      has = false;
      expect(await gate.decide({ protocol: "http", host, port: 80 })).toMatchObject({ kind: "open" });
    }
  });
});
