import { describe, expect, test } from "vitest";
import { forwardWords } from "../../src/forward/forward-words.ts";

describe("what is forwarded", () => {
  test.each([
    ["3000", { host: undefined, port: 3000 }, { host: undefined, port: 3000 }],
    ["8080:3000", { host: undefined, port: 8080 }, { host: undefined, port: 3000 }],
    ["0:3000", { host: undefined, port: 0 }, { host: undefined, port: 3000 }],
    ["8080:db:5432", { host: undefined, port: 8080 }, { host: "db", port: 5432 }],
    ["8080:[fd00::1]:5432", { host: undefined, port: 8080 }, { host: "fd00::1", port: 5432 }],
    ["0.0.0.0:8080:web:80", { host: "0.0.0.0", port: 8080 }, { host: "web", port: 80 }],
    ["[::1]:8080:[fe80::2%eth0]:80", { host: "::1", port: 8080 }, { host: "fe80::2%eth0", port: 80 }],
    ["*:8080:web:80", { host: "::", port: 8080 }, { host: "web", port: 80 }],
    ["./db.sock:5432", { path: "./db.sock" }, { host: undefined, port: 5432 }],
    ["/run/a.sock:db:5432", { path: "/run/a.sock" }, { host: "db", port: 5432 }],
    ["2375:/run/docker.sock", { host: undefined, port: 2375 }, { path: "/run/docker.sock" }],
    ["[::1]:2375:/run/docker.sock", { host: "::1", port: 2375 }, { path: "/run/docker.sock" }],
    ["*:2375:/run/docker.sock", { host: "::", port: 2375 }, { path: "/run/docker.sock" }],
    ["./d.sock:/run/docker.sock", { path: "./d.sock" }, { path: "/run/docker.sock" }],
  ])("%s", (text, listen, to) => {
    expect(forwardWords(text)).toEqual({ listen, to });
  });

  test.each([
    "",
    ":",
    "0",
    "x",
    "65536",
    "-1",
    "8080:",
    ":3000",
    "8080:0",
    "8080:x",
    "8080::80",
    "::1:80",
    "a:b:c:d:e",
    "1:2:3:4:5",
    "[::1:80",
    "8080:[]:80",
    "/a.sock:x:y:80",
    ":8080:web:80",
    "8080:web:",
    "1e3:80",
    "/run/docker.sock",
    "./d.sock",
    "/a.sock:8080:/b.sock",
    "1:2:3:/b.sock",
    "x:/b.sock",
    ":/b.sock",
    ":2375:/b.sock",
    "8080:/b.sock:80",
  ])("never %j", (text) => {
    expect(() => forwardWords(text)).toThrow(expect.objectContaining({ name: "UsageError" }));
  });
});
