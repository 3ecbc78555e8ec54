import { parseFileSystemSandboxContext } from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import type { SandboxIntent } from "../../src/intent.ts";
import type { FileView, Machine } from "../../src/machine.ts";
import { isSandboxError } from "../../src/sandbox-error.ts";
import { seatbeltPlan } from "../../src/seatbelt/seatbelt-plan.ts";

const FOLDERS = [
  "/",
  "/private",
  "/private/tmp",
  "/srv",
  "/srv/app",
  "/srv/app/a",
  "/srv/app/a/b",
  "/srv/app/.git",
  "/srv/lib",
];
const LINKS: Readonly<Record<string, string>> = { "/tmp": "/private/tmp", "/srv/app/link": "/srv/lib" };

function files(texts: Readonly<Record<string, string>> = {}): FileView {
  return {
    kindOf: (path) =>
      path in LINKS ? "symlink" : path in texts ? "file" : FOLDERS.includes(path) ? "directory" : undefined,
    factsOf: () => undefined,
    readBytes: () => undefined,
    realpath: (path) => LINKS[path] ?? (FOLDERS.includes(path) || path in texts ? path : undefined),
    readlink: (path) => LINKS[path],
    canCreateIn: () => true,
    list: () => [],
    readText: (path) => texts[path],
  };
}

function machine(view: FileView = files()): Machine {
  return { means: { kind: "macos" }, files: view, uid: 501, home: "/Users/dev", tmpdir: "/private/var/folders/T" };
}

interface Request {
  entries?: readonly object[];
  network?: "restricted" | "enabled";
  more?: Partial<SandboxIntent>;
  view?: FileView;
}

function planned({ entries = [READ_ALL, WORKSPACE], network = "restricted", more = {}, view }: Request) {
  const context = parseFileSystemSandboxContext({
    permissions: { type: "managed", file_system: { type: "restricted", entries }, network },
    cwd: "file:///srv/app",
    workspaceRoots: ["file:///srv/app"],
    windowsSandboxLevel: "disabled",
  });
  const intent: SandboxIntent = { context, argv: ["make", "-j2"], cwd: "/srv/app", env: { A: "1" }, ...more };
  const plan = seatbeltPlan(intent, machine(view));
  const [flag, policy = "", ...rest] = plan.args;
  expect(flag).toBe("-p");
  const end = rest.indexOf("--");
  return { plan, intent, policy, parameters: rest.slice(0, end), command: rest.slice(end + 1) };
}

function special(kind: string, access: string) {
  return { path: { type: "special", value: { kind } }, access };
}

function literal(path: string, access: string) {
  return { path: { type: "path", path: `file://${path}` }, access };
}

function glob(pattern: string) {
  return { path: { type: "glob_pattern", pattern }, access: "deny" };
}

const READ_ALL = special("root", "read");
const WORKSPACE = special("project_roots", "write");

describe("a launch under Seatbelt", () => {
  test("uses the system's wrapper, parameters before the command, and keeps environment and folder", () => {
    const { plan, command } = planned({});
    expect(plan).toMatchObject({
      sandboxType: "macosSeatbelt",
      wraps: true,
      file: "/usr/bin/sandbox-exec",
      env: { A: "1" },
      cwd: "/srv/app",
      descriptors: [],
      syntheticTargets: [],
      proxyRoutes: [],
    });
    expect(command).toEqual(["make", "-j2"]);
  });

  test("gives another name through a shell that reads nothing and interpolates nothing", () => {
    const { command } = planned({ more: { arg0: "$(boom)", argv: ["sh", "-c", "exit 0"] } });
    expect(command.slice(0, 4)).toEqual(["/bin/bash", "-p", "-c", 'exec -a "$0" -- "$@"']);
    expect(command.slice(4)).toEqual(["$(boom)", "sh", "-c", "exit 0"]);
  });

  test("workspace-write with a carve-out, a reopened folder and a pattern, word for word", async () => {
    const { plan } = planned({
      entries: [
        READ_ALL,
        WORKSPACE,
        special("slash_tmp", "write"),
        literal("/srv/app/a", "deny"),
        literal("/srv/app/a/b", "write"),
        glob("/srv/app/**/*.env"),
      ],
    });
    await expect(`${plan.args.slice(1).join("\n")}\n`).toMatchFileSnapshot("golden/workspace-write.txt");
  });

  test("parentheses and quotes are balanced whatever is asked", () => {
    for (const network of ["restricted", "enabled"] as const) {
      for (const entries of [[], [READ_ALL], [special("minimal", "read"), WORKSPACE], [special("root", "write")]]) {
        const { policy } = planned({ entries, network });
        const bare = policy.replace(/^;.*$/gm, "").replace(/"[^"]*"/g, "");
        expect(bare.split("(").length).toBe(bare.split(")").length);
        expect(bare).not.toContain('"');
      }
    }
  });
});

describe("file rules", () => {
  test("an empty policy grants neither reading nor writing", () => {
    const { policy } = planned({ entries: [] });
    expect(policy).not.toMatch(
      /READABLE_ROOT|WRITABLE_ROOT|allow file-write\*\)|allow file-read\* file-test-existence\)/,
    );
  });

  test("root write allows all writing", () => {
    expect(planned({ entries: [special("root", "write")] }).policy).toContain("(allow file-write*)");
  });

  test("no rule is left without a filter, where it would allow everything", () => {
    const { policy } = planned({ entries: [WORKSPACE] });
    expect(policy).not.toMatch(/\(allow file-(read|write)\*[^(]*\)/);
  });

  test("roots are named as the kernel sees them", () => {
    const { parameters } = planned({ entries: [READ_ALL, special("slash_tmp", "write")] });
    expect(parameters).toContain("-DWRITABLE_ROOT_0=/private/tmp");
  });

  test("a missing root keeps its name below what exists", () => {
    const { parameters } = planned({ entries: [READ_ALL, literal("/tmp/new/er", "write")] });
    expect(parameters).toContain("-DWRITABLE_ROOT_0=/private/tmp/new/er");
  });

  test("a carve-out that is a link is closed as link; its target was never open", () => {
    const { parameters } = planned({ entries: [READ_ALL, WORKSPACE, literal("/srv/app/link", "read")] });
    expect(parameters.filter((each) => each.includes("EXCLUDED"))).toEqual([
      "-DWRITABLE_ROOT_0_EXCLUDED_0=/srv/app/link",
    ]);
  });

  test("protected names are closed in every case that the file system takes for them", () => {
    const { policy } = planned({});
    for (const name of ["git", "agents", "codex", "aws"]) {
      const anyCase = [...name].map((letter) => `[${letter}${letter.toUpperCase()}]`).join("");
      expect(policy).toContain(`(require-not (regex #"^/srv/app/\\.${anyCase}(/.*)?$"))`);
    }
  });

  test("a protected name that an entry grants is open", () => {
    const { policy } = planned({ entries: [READ_ALL, WORKSPACE, literal("/srv/app/.codex", "write")] });
    expect(policy).toContain("^/srv/app/\\.[gG][iI][tT]");
    expect(policy).not.toContain("^/srv/app/\\.[cC][oO][dD][eE][xX](");
  });

  test("the repository that a .git file points to is closed", () => {
    const view = files({ "/srv/app/.git": "gitdir: a/b\n" });
    const base = files().realpath;
    const withTarget = { ...view, realpath: (path: string) => base(path) ?? view.realpath(path) };
    withTarget.realpath = (path) => (path === "/srv/app/a/b" ? path : base(path));
    expect(planned({ view: withTarget }).parameters).toContain("-DWRITABLE_ROOT_0_EXCLUDED_0=/srv/app/a/b");
  });

  test("folders on the way to a closed one can not be renamed", () => {
    const { policy, parameters } = planned({ entries: [READ_ALL, WORKSPACE, literal("/srv/app/a/b", "read")] });
    expect(parameters).toContain("-DPINNED_0=/srv/app/a");
    expect(policy).toContain('(deny file-write-unlink\n  (literal (param "PINNED_0")))');
  });

  test("the program that confines is closed in the end, and stays where it is", () => {
    const own = { ...machine(), ownPlaces: ["/srv/app/a"] };
    const { context } = planned({}).intent;
    const { args } = seatbeltPlan({ context, argv: ["make"], cwd: "/srv/app", env: {} }, own);
    expect(args).toEqual(expect.arrayContaining(["-DOWN_0=/srv/app/a", "-DOWN_ANCESTOR_2=/srv/app"]));
    const [closed, pinned] = ['(deny file-write*\n  (subpath (param "OWN_0")))', '(literal (param "OWN_ANCESTOR_2"))'];
    const policy = args[1] ?? "";
    expect(policy.indexOf(closed)).toBeGreaterThan(policy.indexOf('(param "WRITABLE_ROOT_0")'));
    expect(policy.indexOf(pinned)).toBeGreaterThan(policy.indexOf(closed));
  });

  test("what no command may see is closed last of all, its sockets to the network as well", () => {
    const here = { ...machine(), hiddenPlaces: ["/srv/app/a"] };
    const { context } = planned({}).intent;
    const { args } = seatbeltPlan({ context, argv: ["make"], cwd: "/srv/app", env: {} }, here);
    expect(args).toContain("-DHIDDEN_0=/srv/app/a");
    const closed = '(subpath (param "HIDDEN_0")))';
    expect(args[1]).toMatch(/\(deny network-outbound\n {2}\(subpath \(param "HIDDEN_0"\)\)\)$/);
    expect((args[1] ?? "").split(closed)).toHaveLength(3);
  });

  test("a denied folder is left out of reading, a reopened one in it is back", () => {
    const entries = [READ_ALL, WORKSPACE, literal("/srv/app/a", "deny"), literal("/srv/app/a/b", "write")];
    const { parameters } = planned({ entries });
    expect(parameters).toEqual(
      expect.arrayContaining([
        "-DREADABLE_ROOT_0=/",
        "-DREADABLE_ROOT_0_EXCLUDED_0=/srv/app/a",
        "-DREADABLE_ROOT_2=/srv/app/a/b",
        "-DWRITABLE_ROOT_0_EXCLUDED_0=/srv/app/a",
        "-DWRITABLE_ROOT_1=/srv/app/a/b",
      ]),
    );
  });

  test("what the launch needs is readable, and the way to it can be walked", () => {
    const { parameters } = planned({ entries: [special("minimal", "read")], more: { runtimeRoots: ["/srv/lib"] } });
    expect([...parameters].sort()).toEqual([
      "-DREADABLE_ANCESTOR_0=/",
      "-DREADABLE_ANCESTOR_1=/srv",
      "-DREADABLE_ROOT_0=/srv/lib",
    ]);
  });

  test("the system's runtime is readable only where it is granted", () => {
    expect(planned({ entries: [special("minimal", "read")] }).policy).toContain('(subpath "/System")');
    expect(planned({ entries: [WORKSPACE] }).policy).not.toContain('(subpath "/System")');
  });
});

describe("patterns", () => {
  test.each<[string, string, string[], string[]]>([
    ["/srv/app/*.env", "^/srv/app/[^/]*\\.env(/.*)?$", ["/srv/app/x.env", "/srv/app/x.env/y"], ["/srv/app/d/x.env"]],
    [
      "/srv/app/**/*.env",
      "^/srv/app/(.*/)?[^/]*\\.env(/.*)?$",
      ["/srv/app/x.env", "/srv/app/d/e/x.env"],
      ["/srv/x.env"],
    ],
    ["/srv/app/?.k[a-c]", "^/srv/app/[^/]\\.k[a-c](/.*)?$", ["/srv/app/x.ka"], ["/srv/app/xy.ka", "/srv/app/x.kd"]],
    ["/srv/app/[!a]x*", "^/srv/app/[^/a]x[^/]*(/.*)?$", ["/srv/app/bx"], ["/srv/app/ax", "/srv/app//x"]],
    ["/srv/app/**", "^/srv/app/.+(/.*)?$", ["/srv/app/x", "/srv/app/x/y"], ["/srv/app"]],
    ["/srv/app/plain", "^/srv/app/plain(/.*)?$", ["/srv/app/plain", "/srv/app/plain/x"], ["/srv/app/plainer"]],
    ["/tmp/a+b/*", "^/private/tmp/a\\+b/[^/]*(/.*)?$", ["/private/tmp/a+b/x"], ["/private/tmp/aab/x"]],
  ])("%s", (pattern, expression, matching, others) => {
    const { policy } = planned({ entries: [READ_ALL, WORKSPACE, glob(pattern)] });
    expect(policy).toContain(`(deny file-read* file-write*\n  (regex #"${expression}"))`);
    const compiled = new RegExp(expression);
    for (const path of matching) expect([path, compiled.test(path)]).toEqual([path, true]);
    for (const path of others) expect([path, compiled.test(path)]).toEqual([path, false]);
  });

  test("a pattern that could end its string is refused", () => {
    try {
      planned({ entries: [READ_ALL, glob('/srv/app/x") (allow default) (*')] });
      expect.unreachable();
    } catch (error) {
      expect(isSandboxError(error) && error.code).toBe("invalid");
    }
  });

  test("a pattern that is none here is refused", () => {
    expect(() => planned({ entries: [READ_ALL, glob("/srv/{a,b}")] })).toThrow("braces are not supported");
  });
});

describe("network rules", () => {
  test("restricted opens nothing", () => {
    expect(planned({}).policy).not.toContain("network");
  });

  test("enabled opens both directions", () => {
    const { policy } = planned({ network: "enabled" });
    expect(policy).toContain("(allow network-outbound)\n(allow network-inbound)");
    expect(policy).toContain("com.apple.trustd.agent");
  });

  test("managed leads to the ports of the proxy and nowhere else, even where the profile is open", () => {
    const managedNetwork = { loopbackPorts: [8081, 8080, 8081], allowLocalBinding: false };
    const { policy } = planned({ network: "enabled", more: { enforceManagedNetwork: true, managedNetwork } });
    expect(policy.match(/^ *\(?.*network.*$/gm)).toEqual([
      "(allow network-outbound",
      '  (global-name "com.apple.networkd")',
    ]);
    expect(policy).toContain('(remote ip "localhost:8080")\n  (remote ip "localhost:8081"))');
  });

  test("managed without a port opens nothing", () => {
    for (const managedNetwork of [undefined, { loopbackPorts: [], allowLocalBinding: true }]) {
      const { policy } = planned({ network: "enabled", more: { enforceManagedNetwork: true, managedNetwork } });
      expect(policy).not.toContain("network");
    }
  });

  test("ports that are not enforced open nothing", () => {
    const managedNetwork = { loopbackPorts: [8080], allowLocalBinding: true };
    expect(planned({ more: { managedNetwork } }).policy).not.toContain("network");
  });

  test("local binding opens the own loopback and name lookup", () => {
    const managedNetwork = { loopbackPorts: [8080], allowLocalBinding: true };
    const { policy } = planned({ more: { enforceManagedNetwork: true, managedNetwork } });
    expect(policy).toContain('(allow network-bind (local ip "*:*"))');
    expect(policy).toContain('(allow network-outbound (remote ip "*:53"))');
  });
});
