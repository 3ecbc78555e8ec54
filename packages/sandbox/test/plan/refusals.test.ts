import { describe, expect, test } from "vitest";
import { isSandboxError, type Machine, plan, type SandboxIntent } from "../../src/index.ts";
import { type FakeTree, fakeMachine } from "../support/fake-files.ts";
import {
  type Entry,
  glob,
  intentFor,
  literal,
  managed,
  ROOT_READ,
  special,
  WORKSPACE_WRITE,
} from "../support/intents.ts";
import { showPlan } from "../support/show-plan.ts";

/** Each takes five mounts: itself and what protects its metadata. */
const MANY = Array.from({ length: 380 }, (_, index) => `/srv/many/${index}`);

function CROSSES(access: string, path: string, link = path): string {
  return `cannot enforce sandbox ${access} path ${path} because it crosses writable symlink ${link}`;
}

interface Refusal {
  readonly entries?: readonly Entry[];
  readonly permissions?: Entry;
  readonly files?: FakeTree;
  readonly more?: Parameters<typeof intentFor>[2];
  readonly machine?: Partial<Machine>;
  readonly code?: "invalid" | "unenforceable";
  readonly message: unknown;
}

const WINDOWS = "file:///C:/Users/ann";
const NOWHERE: Machine["means"] = {
  kind: "unavailable",
  platform: "linux",
  reason: "no bwrap: sudo apt install bubblewrap",
};
const PROXIED = { enforceManagedNetwork: true, managedNetwork: { loopbackPorts: [3128], allowLocalBinding: false } };
const UNPARSEABLE = "managed proxy mode requires parseable loopback proxy endpoints";

const REFUSALS: Readonly<Record<string, Refusal>> = {
  "no argv": { more: { argv: [] }, message: "argv must not be empty" },
  "an empty program": { more: { argv: [""] }, message: "argv must not be empty" },
  "a relative working directory": { more: { cwd: "app" }, message: "the working directory 'app' is not absolute" },
  "a NUL in an argument": { more: { argv: ["a\0b"] }, message: "argv, cwd and env must not contain a NUL" },
  "a NUL in the environment": { more: { env: { A: "\0" } }, message: "argv, cwd and env must not contain a NUL" },
  "more variables than any program wants": {
    more: { env: Object.fromEntries(Array.from({ length: 20_001 }, (_, index) => [`V${index}`, ""])) },
    message: "env has 20001 variables, at most 20000 are passed on",
  },
  "an impossible variable": { more: { env: { "A=B": "" } }, message: "'A=B' is no name for an environment variable" },
  "a cwd of Windows": {
    more: { context: { cwd: WINDOWS } },
    message: `invalid sandbox policy cwd: '${WINDOWS}' is invalid on 'linux'`,
  },
  "a workspace root of Windows": {
    more: { context: { workspaceRoots: [WINDOWS] } },
    message: `invalid sandbox workspace root: '${WINDOWS}' is invalid on 'linux'`,
  },
  "a literal path of Windows": {
    entries: [ROOT_READ, literal(WINDOWS, "read")],
    message: `invalid sandbox permission path: '${WINDOWS}' is invalid on 'linux'`,
  },
  "a path that is not UTF-8": {
    entries: [ROOT_READ, literal("file:///srv/%FF", "deny")],
    message: "invalid sandbox permission path: 'file:///srv/%FF' is not UTF-8, which no sandbox here can take",
  },
  "containers of Windows": {
    more: { context: { windowsSandboxLevel: "mxc" } },
    message: "native MXC is unavailable on this executor",
  },
  "a machine without means": {
    machine: { means: NOWHERE },
    code: "unenforceable",
    message: `sandbox intent cannot be enforced on this executor: ${NOWHERE.reason}`,
  },
  "a machine of an unknown system": {
    permissions: { type: "disabled" },
    machine: { means: { ...NOWHERE, platform: "other" } },
    code: "unenforceable",
    message: "sandbox intent cannot be enforced on this executor",
  },
  "a machine with Windows": {
    machine: { means: { ...NOWHERE, platform: "windows" } },
    more: { context: { windowsSandboxLevel: "restricted-token" }, enforceManagedNetwork: true },
    code: "unenforceable",
    message: "managed networking requires the elevated Windows sandbox backend",
  },
  "a cwd that is not readable": {
    entries: [special("minimal", "read"), literal("/srv/other", "write")],
    message: "the command can not start in /srv/app: its permissions do not let it read there",
  },
  "a cwd that is denied": {
    entries: [...WORKSPACE_WRITE, literal("/srv/app", "deny")],
    message: "the command can not start in /srv/app: its permissions do not let it read there",
  },
  "no entries at all": {
    entries: [],
    message: "the command can not start in /srv/app: its permissions do not let it read there",
  },
  "a read-only path over a link that commands can change": {
    entries: [...WORKSPACE_WRITE, literal("/srv/app/link/x", "read")],
    message: `${CROSSES("read-only", "/srv/app/link/x", "/srv/app/link")}: give /etc/x, where it leads`,
  },
  "a denied path over a link that commands can change": {
    entries: [...WORKSPACE_WRITE, literal("/srv/app/link", "deny")],
    message: `${CROSSES("deny-read", "/srv/app/link")}: give /etc, where it leads`,
  },
  "a writable path over a link that commands can change": {
    entries: [...WORKSPACE_WRITE, literal("/srv/app/link", "write")],
    message: `${CROSSES("write", "/srv/app/link")}: give /etc, where it leads`,
  },
  "a workspace that is a link where commands can put one": {
    entries: WORKSPACE_WRITE,
    files: { "/tmp/ws": { link: "/home/ann" } },
    more: { context: { workspaceRoots: ["file:///tmp/ws"] } },
    message: `${CROSSES("write", "/tmp/ws")}: give /home/ann, where it leads`,
  },
  "a workspace behind a folder that commands can exchange for a link": {
    entries: WORKSPACE_WRITE,
    files: { "/tmp/x": { link: "/home/ann" }, "/home/ann/ws": "folder" },
    more: { context: { workspaceRoots: ["file:///tmp/x/ws"] } },
    message: `${CROSSES("write", "/tmp/x/ws", "/tmp/x")}: give /home/ann/ws, where it leads`,
  },
  "a repository that is a link": {
    entries: WORKSPACE_WRITE.slice(0, 2),
    files: { "/srv/app/.git": { link: "../real/.git" }, "/srv/real/.git": "folder" },
    message: `${CROSSES("read-only", "/srv/app/.git")}: make it a file with the line "gitdir: /srv/real/.git", as git itself does`,
  },
  "a program of the sandbox itself in a folder that an entry grants": {
    entries: [...WORKSPACE_WRITE, literal("/opt/holdfast/dist/cache", "write")],
    files: { "/opt/holdfast/dist/cache": "folder" },
    machine: { ownPlaces: ["/opt/holdfast/dist"] },
    code: "unenforceable",
    message:
      "commands with these permissions could change /opt/holdfast/dist/cache in /opt/holdfast/dist, which confines them: keep what they may write apart from the installation",
  },
  "metadata that is a link": {
    entries: WORKSPACE_WRITE.slice(0, 2),
    files: { "/srv/app/.codex": { link: "/etc" } },
    message: `${CROSSES("read-only", "/srv/app/.codex")}: put /etc itself there`,
  },
  "links that lead in a circle": {
    entries: [ROOT_READ, literal("/loop/x", "deny")],
    files: { "/loop": { link: "/loop" } },
    message: "too many symbolic links on the way to /loop/x",
  },
  "a pattern without a start": {
    entries: [...WORKSPACE_WRITE, glob("/**/*.env")],
    message: "unreadable glob `/**/*.env` cannot be safely expanded; use a pattern with a non-root directory prefix",
  },
  "a pattern with braces": {
    entries: [...WORKSPACE_WRITE, glob("/srv/{a,b}/*.env")],
    message:
      "unreadable glob `/srv/{a,b}/*.env` cannot be safely expanded; use a pattern with a non-root directory prefix",
  },
  "a pattern below a home that nobody has": {
    entries: [...WORKSPACE_WRITE, glob("~/*.env")],
    machine: { home: undefined },
    message: expect.stringMatching(/^unable to resolve deny-read glob pattern `~\/\*.env` without executor home/),
  },
  "more mounts than anyone waits for": {
    entries: [ROOT_READ, ...Array.from({ length: 4_000 }, (_, index) => literal(`/srv/many/${index}`, "deny"))],
    files: Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [`/srv/many/${index}`, { text: "x" }])),
    code: "unenforceable",
    message: "the sandbox would take more than 2000 mounts",
  },
  "more words than bubblewrap takes": {
    entries: [...WORKSPACE_WRITE, ...MANY.map((path) => literal(path, "write"))],
    files: Object.fromEntries(MANY.map((path) => [path, "folder"])),
    code: "unenforceable",
    message: expect.stringMatching(/^the permissions take \d+ words, bubblewrap takes 9000$/),
  },
  "a bubblewrap that an entry lets commands replace": {
    entries: [...WORKSPACE_WRITE, literal("/opt/tools/bwrap", "write")],
    files: { "/opt/tools/bwrap": { text: "ELF" } },
    machine: {
      means: {
        kind: "linux",
        arch: "x64",
        bubblewrap: { path: "/opt/tools/bwrap", supportsArgv0: true, canMountProc: true },
      },
    },
    code: "unenforceable",
    message:
      "commands with these permissions could change /opt/tools/bwrap, which confines them: keep what they may write apart from the installation",
  },
  "a proxy that nobody names": {
    more: PROXIED,
    message: "managed proxy mode requires proxy environment variables",
  },
  "a proxy on another machine": {
    more: { ...PROXIED, env: { HTTP_PROXY: "http://proxy:3128" } },
    message: UNPARSEABLE,
  },
  "a proxy that is no address": { more: { ...PROXIED, env: { HTTP_PROXY: "http://:x" } }, message: UNPARSEABLE },
  "a proxy on port 0": { more: { ...PROXIED, env: { HTTP_PROXY: "localhost:0" } }, message: UNPARSEABLE },
  "a proxy on a port that is not allowed": {
    more: { ...PROXIED, env: { http_proxy: "http://localhost:3129", HTTPS_PROXY: "http://localhost:3128" } },
    message: "proxy endpoint is outside the managed sandbox context",
  },
  "a proxy without ports": {
    more: { enforceManagedNetwork: true, env: { HTTP_PROXY: "http://localhost:3128" } },
    message: "proxy endpoint is outside the managed sandbox context",
  },
};

describe("a plan is refused", () => {
  test.each(Object.entries(REFUSALS))("for %s", (_, refusal) => {
    const machine = fakeMachine(
      { "/srv/app": "folder", "/srv/app/link": { link: "/etc" }, ...refusal.files },
      refusal.machine,
    );
    const permissions = refusal.permissions ?? managed(refusal.entries ?? WORKSPACE_WRITE);
    const error = thrownBy(() => plan(intentFor(permissions, "/srv/app", refusal.more), machine));
    expect(isSandboxError(error)).toBe(true);
    expect(error).toMatchObject({ code: refusal.code ?? "invalid", message: refusal.message });
  });
});

describe("a plan is made", () => {
  const means: Machine["means"] = {
    kind: "linux",
    arch: "x64",
    bubblewrap: { path: "/usr/bin/bwrap", supportsArgv0: true, canMountProc: false },
  };
  const words = (intent: SandboxIntent, machine: Machine): string =>
    new TextDecoder().decode(plan(intent, machine).descriptors[0]?.content).replaceAll("\0", " ");

  test("with another name for the command, whether or not bubblewrap can give one", () => {
    const intent = intentFor(managed(WORKSPACE_WRITE), "/srv/app", { arg0: "-sh" });
    const shown = showPlan(plan(intent, fakeMachine({ "/srv/app": "folder" }, { means })));
    expect(shown).toContain("\nbecomes /usr/bin/true -sh\n");
    expect(shown).not.toContain("--argv0");
  });

  test.each([
    ["that /proc shows", [ROOT_READ], true, "-- /proc/self/fd/5"],
    ["that /proc of the machine shows", [ROOT_READ], false, "-- /proc/self/fd/5"],
    [
      "as a device where no /proc is",
      [special("minimal", "read"), special("project_roots", "write")],
      false,
      "-- /dev/stage",
    ],
    ["as a device where /proc is denied", [ROOT_READ, literal("/proc", "deny")], true, "-- /dev/stage"],
  ])("with a first program %s", (_, entries, canMountProc, expected) => {
    const bubblewrap = { path: "/usr/bin/bwrap", supportsArgv0: true, canMountProc };
    const machine = fakeMachine({ "/srv/app": "folder", "/proc": "folder" }, { means: { ...means, bubblewrap } });
    expect(showPlan(plan(intentFor(managed(entries), "/srv/app"), machine))).toContain(expected);
  });

  test("without a /proc where none can be mounted", () => {
    const intent = intentFor(managed(WORKSPACE_WRITE), "/srv/app");
    expect(words(intent, fakeMachine({ "/srv/app": "folder" }, { means }))).not.toContain("/proc");
  });

  test("with the switches of the machine read-only for root, who could write them without capabilities", () => {
    const intent = intentFor(managed(WORKSPACE_WRITE), "/srv/app");
    const machine = fakeMachine({ "/srv/app": "folder", "/proc/sys": "folder" }, { uid: 0 });
    expect(words(intent, machine)).toContain(" --proc /proc --ro-bind /proc/sys /proc/sys ");
  });

  test("from the executor's own TMPDIR, never that of the command", () => {
    const more = { env: { TMPDIR: "/home/ann", HOME: "/etc" } };
    const machine = fakeMachine({ "/srv/app": "folder", "/var/ann-tmp": "folder" });
    const text = words(intentFor(managed(WORKSPACE_WRITE), "/srv/app", more), machine);
    expect(text).toContain(" --bind /var/ann-tmp /var/ann-tmp ");
    expect(text).not.toContain("--bind /home/ann ");
  });

  test("with the command's folder where the context names none", () => {
    const intent = intentFor(managed([ROOT_READ, glob("*.env")]), "/srv/app", { context: { cwd: null } });
    const machine = fakeMachine({ "/srv/app/x.env": { text: "x" } });
    expect(words(intent, machine)).toContain(" --ro-bind /dev/null /srv/app/x.env ");
  });

  test("without a wrapper, for a profile that confines nothing, where there is no bubblewrap", () => {
    const machine = fakeMachine({}, { means: NOWHERE });
    const made = plan(intentFor({ type: "disabled" }, "/srv/app", { argv: ["a", "b"] }), machine);
    expect(made).toMatchObject({ sandboxType: "linuxSeccomp", wraps: false, file: "a", args: ["b"], descriptors: [] });
  });

  test("for Seatbelt on macOS, and without a wrapper there for a profile that confines nothing", () => {
    const machine = fakeMachine({ "/srv/app": "folder" }, { means: { kind: "macos" } });
    const made = plan(intentFor(managed(WORKSPACE_WRITE), "/srv/app"), machine);
    expect(made).toMatchObject({ sandboxType: "macosSeatbelt", wraps: true, file: "/usr/bin/sandbox-exec" });
    const open = plan(intentFor({ type: "disabled" }, "/srv/app"), machine);
    expect(open).toMatchObject({ sandboxType: "macosSeatbelt", wraps: false, file: "true" });
  });

  test("for ten thousand entries that change nothing", () => {
    const entries = Array.from({ length: 4_000 }, (_, index) => literal(`/srv/many/${index}`, "read"));
    const made = plan(intentFor(managed([ROOT_READ, ...entries]), "/srv/app"), fakeMachine({ "/srv/app": "folder" }));
    const plain = plan(intentFor(managed([ROOT_READ]), "/srv/app"), fakeMachine({ "/srv/app": "folder" }));
    expect(made).toEqual(plain);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
