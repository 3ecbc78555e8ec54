import { expect, test } from "vitest";
import { isLoopbackHost } from "../src/index.ts";

test.each(["localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "::1", "[::1]"])("%s is this machine", (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});

test.each([
  "127.evil.example",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "a.localhost",
  "0.0.0.0",
  "::",
  "128.0.0.1",
  "",
])("%s may be another", (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});
