import { expect, test } from "vitest";
import { InvalidArgumentError } from "../../src/errors.ts";
import { relayAddress, relayUrl } from "../../src/relay/relay-url.ts";

test.each([
  ["relay+https://relay.example/env-1", "https://relay.example", "env-1"],
  ["relay+https://Relay.Example:443/a/b//env-1", "https://relay.example/a/b", "env-1"],
  ["relay+http://127.0.0.1:8080/build%20box", "http://127.0.0.1:8080", "build box"],
  ["relay+http://[::1]:8080/%2Fodd", "http://[::1]:8080", "/odd"],
])("%s is an environment of a registry", (url, registryUrl, environmentId) => {
  expect(relayAddress(url)).toMatchObject({ registryUrl, environmentId, isInClear: false });
  expect(relayAddress(new URL(url))).toMatchObject({ registryUrl, environmentId });
  expect(relayAddress(relayUrl(registryUrl, environmentId))).toMatchObject({ registryUrl, environmentId });
});

test("only a registry without TLS on another machine is in clear", () => {
  const inClear = (url: string) => relayAddress(url).isInClear;
  expect(inClear("relay+http://relay.example/env-1")).toBe(true);
  expect(inClear("relay+http://127.0.0.1.evil.example/env-1")).toBe(true);
  expect(inClear("relay+http://localhost:1/env-1")).toBe(false);
  expect(inClear("relay+https://relay.example/env-1")).toBe(false);
});

test.each([
  ["relay+https://relay.example", "the id of the environment is missing at its end"],
  ["relay+https://relay.example/a/", "the id of the environment is missing at its end"],
  ["relay+https://relay.example/%20", "the id of the environment is missing at its end"],
  ["relay+https://relay.example/%ff", "its id is not escaped as in a URL"],
  ["relay+https://token@relay.example/env-1", "a token does not stand in a URL"],
  ["relay+https://relay.example/env-1?token=secret", "nothing may follow the id"],
  ["relay+https://relay.example/env-1#secret", "nothing may follow the id"],
  ["relay+https:///env-1:x y", "that is no URL"],
])("%s is refused, and no secret is shown", (url, why) => {
  const refused = () => relayAddress(url);
  expect(refused).toThrow(InvalidArgumentError);
  expect(refused).toThrow(`target must be relay+https://host[:port][/prefix]/ID, not `);
  expect(refused).toThrow(why);
  expect(refused).not.toThrow(/secret|token@/u);
});
