import { type PathUri, parsePathUri } from "@holdfast/path-uri";
import { describe, expect, test } from "vitest";
import { CAPABILITY_NAMES, type CapabilityName } from "../../src/environment.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { confinementOf, type SandboxHost, sandboxContextOf } from "../../src/sandbox/sandbox-context.ts";

const none = Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, false])) as Record<CapabilityName, boolean>;
const POSIX: SandboxHost = { pathConvention: "posix", capabilities: { ...none, networkProxyLaunch: true } };
const CWD = parsePathUri("file:///srv/app");

function special(kind: string, access: string, subpath?: string) {
  return {
    path: { type: "special", value: subpath === undefined ? { kind } : { kind, subpath } },
    access,
    ...(subpath === undefined ? {} : { missing_path_behavior: "skip" }),
  };
}

function literal(path: string, access: string, more: object = {}) {
  return { path: { type: "path", path: `file://${path}` }, access, ...more };
}

function kept(root: string) {
  return [".git", ".agents", ".codex", ".aws"].map((name) =>
    literal(`${root}/${name}`, "read", { missing_path_behavior: "skip" }),
  );
}

/** What travels. */
function sent(sandbox: Sandbox | null | undefined, cwd: PathUri | undefined = CWD, host = POSIX) {
  return JSON.parse(JSON.stringify(confinementOf(sandbox, cwd, host)));
}

describe("a word", () => {
  test("workspace-write is what Codex sends for it", () => {
    expect(sent("workspace-write")).toEqual({
      sandbox: {
        permissions: {
          type: "managed",
          network: "restricted",
          file_system: {
            type: "restricted",
            entries: [
              special("root", "read"),
              special("project_roots", "write"),
              special("slash_tmp", "write"),
              special("tmpdir", "write"),
              ...[".git", ".agents", ".codex", ".aws"].map((name) => special("project_roots", "read", name)),
            ],
          },
        },
        cwd: "file:///srv/app",
        workspaceRoots: ["file:///srv/app"],
        windowsSandboxLevel: "disabled",
      },
    });
  });

  test("read-only reads everywhere, also where the working folder is not known", () => {
    expect(JSON.parse(JSON.stringify(sandboxContextOf("read-only", undefined, POSIX)))).toEqual({
      permissions: {
        type: "managed",
        network: "restricted",
        file_system: { type: "restricted", entries: [special("root", "read")] },
      },
      windowsSandboxLevel: "disabled",
    });
  });

  test.each(["none", null, undefined] as const)("%s is no sandbox", (sandbox) => {
    expect(sent(sandbox)).toEqual({});
  });

  test("a Windows executor, and one that does not tell its system, is asked for a level that confines", () => {
    const host = { ...POSIX, pathConvention: "windows" } as const;
    expect(sandboxContextOf("read-only", undefined, host)?.windowsSandboxLevel).toBe("restricted-token");
    const silent = { ...POSIX, pathConvention: undefined };
    expect(sandboxContextOf("read-only", undefined, silent)?.windowsSandboxLevel).toBe("restricted-token");
  });
});

describe("rules", () => {
  const entries = (sandbox: Sandbox) => sent(sandbox).sandbox.permissions.file_system.entries;

  test("none read everything and write nothing, without a network", () => {
    expect(entries({})).toEqual([special("root", "read")]);
    expect(sent({}).sandbox.permissions.network).toBe("restricted");
  });

  test("paths start at the working folder, patterns stay as they are", () => {
    expect(entries({ write: [".", "../out", "/data"], deny: ["secret", "**/*.pem", "~/.ssh", "/data/keys"] })).toEqual([
      special("root", "read"),
      literal("/srv/app", "write"),
      literal("/srv/out", "write"),
      literal("/data", "write"),
      ...kept("/srv/app"),
      ...kept("/srv/out"),
      ...kept("/data"),
      literal("/srv/app/secret", "deny"),
      { path: { type: "glob_pattern", pattern: "**/*.pem" }, access: "deny" },
      { path: { type: "glob_pattern", pattern: "~/.ssh" }, access: "deny" },
      literal("/data/keys", "deny"),
    ]);
  });

  test("a list of what may be read is all that may, besides what programs need to run", () => {
    expect(entries({ read: ["/data", "lib"] })).toEqual([
      special("minimal", "read"),
      literal("/data", "read"),
      literal("/srv/app/lib", "read"),
    ]);
    expect(entries({ read: [] })).toEqual([special("minimal", "read")]);
  });

  test("what is kept right below a writable folder may be listed itself", () => {
    expect(
      entries({ write: [".", ".git"] }).filter(({ path }: { path: { path?: string } }) =>
        path.path?.endsWith("/app/.git"),
      ),
    ).toEqual([literal("/srv/app/.git", "write")]);
  });

  test("the network is nothing, everything, or the domains of a proxy", () => {
    expect(sent({ network: true }).sandbox.permissions.network).toBe("enabled");
    expect(
      sent({ network: { allow: ["registry.example", "*.cdn.example"], deny: ["bad.cdn.example"] } }),
    ).toMatchObject({
      sandbox: { permissions: { network: "restricted" } },
      enforceManagedNetwork: true,
      networkProxy: {
        proxy: {
          enabled: true,
          mode: "full",
          allowLocalBinding: false,
          domains: { "registry.example": "allow", "*.cdn.example": "allow", "bad.cdn.example": "deny" },
        },
      },
    });
    expect(sent({ network: { allow: [] } })).toMatchObject({ enforceManagedNetwork: true });
  });

  test("a whole context travels as it is", () => {
    const context = sandboxContextOf("read-only", undefined, POSIX);
    expect(confinementOf(context, CWD, POSIX)).toEqual({ sandbox: context });
  });
});

describe("what is no sandbox is refused by name", () => {
  test.each<[unknown, string]>([
    ["readonly", 'sandbox: no such word as "readonly"; there are "read-only", "workspace-write", "none"'],
    [true, 'sandbox: it must be "read-only", "workspace-write", "none", or an object of rules'],
    [[], "sandbox: it must be"],
    [{ writable: ["/a"] }, 'sandbox: sandbox has no member writable; there are "read", "write", "deny", "network"'],
    [
      { permissions: {}, deny: ["/a"] },
      "sandbox: deny would not count beside permissions; it must be rules or a context",
    ],
    [{ write: "/a" }, "sandbox: write must be a list of texts, none of them empty"],
    [{ write: [""] }, "sandbox: write must be a list of texts, none of them empty"],
    [{ write: ["src/*"] }, 'sandbox: write: "src/*" is a pattern; only deny takes patterns'],
    [{ read: ["~/data"] }, 'sandbox: read: "~/data" is a pattern'],
    [{ write: ["a\0b"] }, "is no path of the executor"],
    [{ network: "on" }, "sandbox: network must be true, false or { allow, deny }"],
    [{ network: { allowed: [] } }, "sandbox: network has no member allowed"],
    [{ network: { allow: ["https://registry.example"] } }, "is no host"],
    [{ network: { allow: ["registry.example:443"] } }, "is no host"],
    [{ network: { allow: ["a.*.example"] } }, "is no host"],
    [{ network: { allow: ["a.example"], deny: ["a.example"] } }, '"a.example" is both allowed and denied'],
  ])("%j", (sandbox, message) => {
    const confine = () => confinementOf(sandbox as Sandbox, CWD, POSIX);
    // Lists of hosts are for commands alone.
    if (!/host|allowed and denied/.test(message)) {
      expect(() => sandboxContextOf(sandbox as Sandbox, CWD, POSIX)).toThrow(message);
    }
    expect(confine).toThrow(expect.objectContaining({ name: "InvalidArgumentError", argument: "sandbox" }));
    expect(confine).toThrow(message);
  });

  test("a relative path without a working folder", () => {
    expect(() => confinementOf({ write: ["."] }, undefined, POSIX)).toThrow("sandbox: write: relative paths need cwd");
  });

  test("domains where the executor has no proxy", () => {
    expect(() => confinementOf({ network: { allow: ["a.example"] } }, CWD, { ...POSIX, capabilities: none })).toThrow(
      "this executor can not tell domains apart",
    );
  });
});
