import { expect, test } from "vitest";
import { allowsHost } from "../../src/sandbox/domain-rules.ts";

test.each<[string, readonly string[], readonly string[], boolean]>([
  ["registry.example", ["registry.example"], [], true],
  ["Registry.Example.", ["registry.example"], [], true],
  ["a.registry.example", ["registry.example"], [], false],
  ["evilregistry.example", ["*.registry.example"], [], false],
  ["a.b.registry.example", ["*.registry.example"], [], true],
  ["registry.example", ["*.registry.example"], [], false],
  ["registry.example", ["**.registry.example"], [], true],
  ["a.registry.example", ["**.registry.example"], ["a.registry.example"], false],
  ["127.0.0.1", ["127.0.0.1"], [], true],
  ["[::1]", ["::1"], [], true],
  ["xn--bcher-kva.example", ["bücher.example"], [], true],
  ["anything.example", [], [], false],
])("%s through %j without %j: %s", (host, allow, deny, isAllowed) => {
  expect(allowsHost(host, allow, deny)).toBe(isAllowed);
});
