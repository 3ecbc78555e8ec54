import { parsePathUri } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import { CAPABILITY_NAMES, type CapabilityName } from "../../src/environment.ts";
import { refusalsIn } from "../../src/sandbox/denied-names.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { confinementOf } from "../../src/sandbox/sandbox-context.ts";
import { denialOf } from "../../src/sandbox/sandbox-denial.ts";

const CWD = parsePathUri("file:///srv/app");
const capabilities = Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, true])) as Record<
  CapabilityName,
  boolean
>;
const environment = {
  pathConvention: "posix",
  capabilities,
  userHomeDir: parsePathUri("file:///home/me"),
  temporaryDirectories: [],
} as const;

function denial(output: string, sandbox: Sandbox) {
  const confinement = confinementOf(sandbox, CWD, environment);
  if (confinement.sandbox == null) throw new Error("it is not confined");
  const hasProxy = confinement.networkProxy !== undefined;
  return denialOf(output, { sandbox: confinement.sandbox, hasProxy, cwd: CWD, environment });
}

describe("what a command says it was refused is held against the rules", () => {
  test.each<[string, Sandbox, object]>([
    [
      "sh: 1: cannot create /etc/x: Read-only file system",
      "workspace-write",
      { target: "/etc/x", access: "write", rule: "only reading below /", allow: 'sandbox: { write: ["/etc"] }' },
    ],
    ["bash: line 1: ../out/x: Read-only file system", "workspace-write", { target: "/srv/out/x", access: "write" }],
    ["touch: cannot touch '/opt/a b/c': Permission denied", "read-only", { target: "/opt/a b/c", access: "write" }],
    ["Error: EROFS: read-only file system, open '/etc/x'", "workspace-write", { target: "/etc/x" }],
    ["PermissionError: [Errno 13] Permission denied: '/etc/x'", "workspace-write", { target: "/etc/x" }],
    [
      "cat: key.pem: Permission denied",
      { write: ["."], deny: ["**/*.pem"] },
      { target: "/srv/app/key.pem", access: "read", rule: "deny **/*.pem", allow: "take that out of deny" },
    ],
    [
      "cat: /home/me/.ssh/id: No such file or directory",
      { deny: ["~/.ssh"] },
      { target: "/home/me/.ssh/id", access: "read", rule: "deny ~/.ssh" },
    ],
    [
      "cat: /data/x: No such file or directory",
      { read: ["."] },
      { target: "/data/x", access: "read", rule: "nothing allows it", allow: 'sandbox: { read: ["/data"] }' },
    ],
    [
      "error: could not lock config file .git/config: Permission denied\nfatal: could not set 'core.x' to 'y'",
      "workspace-write",
      { target: "/srv/app/.git/config", access: "write", allow: 'sandbox: { write: ["/srv/app/.git"] }' },
    ],
    [
      "curl: (6) Could not resolve host: registry.example",
      "workspace-write",
      {
        target: "registry.example",
        access: "network",
        rule: "no network",
        allow: 'sandbox: { network: { allow: ["registry.example"] } }',
      },
    ],
    ["npm error getaddrinfo ENOTFOUND registry.example", { network: { allow: [] } }, { access: "network" }],
  ])("%s", (output, sandbox, expected) => {
    expect(denial(`something else\n${output}\n`, sandbox)).toMatchObject(expected);
  });

  test.each<[string, Sandbox]>([
    ["sh: 1: cannot create sub/x: Permission denied", "workspace-write"],
    ["cat: nothing: No such file or directory", "workspace-write"],
    ["curl: (6) Could not resolve host: registry.example", { network: true }],
    ["3 tests failed", "workspace-write"],
    [": Permission denied", "read-only"],
    ["'a\0b': Permission denied", "read-only"],
  ])("but nothing is claimed for %s", (output, sandbox) => {
    expect(denial(output, sandbox)).toBeUndefined();
  });

  test("the last thing said comes first, and endless output is not read", () => {
    const said =
      "sh: 1: cannot create /etc/a: Read-only file system\nsh: 2: cannot create /etc/b: Read-only file system\n";
    expect(denial(said, "workspace-write")).toMatchObject({ target: "/etc/b" });
    expect(denial(`${"'".repeat(10_000_000)}: Permission denied`, "workspace-write")).toBeUndefined();
  });
});

test("output that is full of names is looked at for a bounded number of them", () => {
  const output = Array(256)
    .fill(`${"'a' ".repeat(1_000)}permission denied`)
    .join("\n");
  expect(refusalsIn(output)).toHaveLength(256);
});
