import { describe, expect, test } from "vitest";
import { parseListenAddress } from "../../src/serve/listen-address.ts";

const HERE = { env: { HOME: "/home/somebody" } };

describe("parseListenAddress", () => {
  test.each([
    ["ws://127.0.0.1:0", "127.0.0.1", 0, true],
    ["ws://127.9.9.9:80/", "127.9.9.9", 80, true],
    ["ws://localhost:7070", "localhost", 7070, true],
    ["ws://[::1]:7070", "::1", 7070, true],
    ["ws://[::ffff:127.0.0.1]:1", "::ffff:7f00:1", 1, true],
    ["ws://0.0.0.0:7070", "0.0.0.0", 7070, false],
    ["ws://[::]:7070", "::", 7070, false],
    ["ws://192.168.1.5:7070", "192.168.1.5", 7070, false],
    ["ws://128.0.0.1:1", "128.0.0.1", 1, false],
    ["wss://127.0.0.1:1", "127.0.0.1", 1, true],
    ["wss://0.0.0.0:443", "0.0.0.0", 443, false],
  ])("%s", (text, host, port, isLoopback) => {
    expect(parseListenAddress(text, HERE)).toEqual({
      kind: "websocket",
      host,
      port,
      isLoopback,
      isSecure: text.startsWith("wss:"),
    });
  });

  test.each(["stdio", "stdio://"])("%s is standard input and output", (text) => {
    expect(parseListenAddress(text, HERE)).toEqual({ kind: "stdio" });
  });

  test("a unix socket is named by its path, or is where this user's is", () => {
    expect(parseListenAddress("unix:///srv/a%20b", HERE)).toEqual({ kind: "unix", path: "/srv/a b" });
    expect(parseListenAddress("unix://", HERE)).toEqual({
      kind: "unix",
      path: "/home/somebody/.local/state/holdfast/run/executor.sock",
    });
  });

  test.each(["unix://host/path", "unix://relative", `unix:///${"x".repeat(107)}`])("refuses %s", (text) => {
    expect(() => parseListenAddress(text, HERE)).toThrow(/^invalid --listen 'unix:.*unix socket/);
  });

  test.each([
    "",
    "7070",
    "127.0.0.1:7070",
    "ws://127.0.0.1",
    "ws://127.0.0.1:65536",
    "ws://999.0.0.1:1",
    "ws://example.com:7070",
    "ws://localhost.example.com:7070",
    "ws://127.0.0.1.example.com:7070",
    "ws://127.0.0.1:1/path",
    "ws://127.0.0.1:1?query",
    "ws://user@127.0.0.1:1",
    "http://127.0.0.1:1",
    "unix:",
    "unix:/tmp/x",
  ])("refuses '%s' and says what is expected", (text) => {
    expect(() => parseListenAddress(text, HERE)).toThrow(/expected ws:\/\/HOST:PORT/);
  });
});
