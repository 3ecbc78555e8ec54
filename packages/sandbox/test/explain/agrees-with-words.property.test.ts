import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain, isSandboxError, type Machine, plan, type SandboxIntent } from "../../src/index.ts";
import { fakeMachine } from "../support/fake-files.ts";
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
import { mountAt, mountsInWords } from "../support/read-words.ts";

const NAMES = ["a", "b", "x.env", ".git"];
const FILES = Object.fromEntries(
  NAMES.flatMap((first) => NAMES.map((second) => [`/srv/app/${first}/${second}/file`, { text: "x" }] as const)),
);
const BELOW = ["", "/a", "/b/a", "/x.env", "/.git", "/missing", "/missing/a", "/a/b/file", "/.git/x.env/new"];
const PATHS = [
  ...BELOW.map((path) => `/srv/app${path}`),
  ...[
    "/",
    "/srv",
    "/etc",
    "/usr/bin/bwrap",
    "/tmp/x",
    "/dev",
    "/dev/null",
    "/dev/shm/x",
    "/proc/self",
    "/proc/sys/kernel",
  ],
];

const path = fc
  .array(fc.constantFrom(...NAMES, "missing"), { maxLength: 3 })
  .map((names) => ["/srv/app", ...names].join("/"));
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.tuple(path, fc.constantFrom("read", "write", "deny")).map(([at, access]) => literal(at, access)),
  fc.constantFrom(
    glob("/srv/app/**/*.env"),
    glob("a/*"),
    special("slash_tmp", "write"),
    special("minimal", "read"),
    literal("/dev/shm", "deny"),
    literal("/proc", "deny"),
  ),
);

const BUBBLEWRAP = { path: "/usr/bin/bwrap", supportsArgv0: false } as const;
const MACHINES: Readonly<Record<string, Partial<Machine>>> = {
  "a usual machine": {},
  "an old bubblewrap": { means: { kind: "linux", bubblewrap: { ...BUBBLEWRAP, canMountProc: false }, arch: "x64" } },
  "root, with a new bubblewrap": {
    uid: 0,
    means: { kind: "linux", bubblewrap: { ...BUBBLEWRAP, canMountProc: true, canLimitMemoryFiles: true }, arch: "x64" },
    hiddenPlaces: ["/srv/app/b/b"],
    ownPlaces: ["/srv/app/a/a/file"],
  },
};

/** What is explained and what the words say, side by side; nothing where the launch is refused. */
function bothSides(intent: SandboxIntent, machine: Machine): readonly [unknown, unknown] | undefined {
  try {
    const mounts = mountsInWords(plan(intent, machine));
    const explained = explain(intent, machine, PATHS).map(({ path: at, access }) => [at, access]);
    return [explained, explained.map(([at = ""]) => [at, mountAt(mounts, at)?.access])];
  } catch (error) {
    if (isSandboxError(error)) return undefined;
    throw error;
  }
}

describe.each(Object.entries(MACHINES))("what is explained is what the words for bubblewrap do, on %s", (_, more) => {
  const machine = fakeMachine({ ...FILES, "/dev/shm": "folder", "/proc/sys": "locked folder" }, more);

  test("under every profile", () => {
    let compared = 0;
    const base = fc.constantFrom(ROOT_READ, special("root", "write"), special("project_roots", "write"));
    fc.assert(
      fc.property(fc.tuple(base, fc.array(entry, { maxLength: 6 })), ([root, list]) => {
        const sides = bothSides(intentFor(managed([root, ...list]), "/srv/app", { cwd: "/" }), machine);
        if (sides === undefined) return;
        compared += 1;
        expect(sides[0]).toEqual(sides[1]);
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(25);
  });

  test("also with a control group that must not be left, and behind a proxy", () => {
    const limited = { limits: { processes: 10 } };
    const proxied = {
      enforceManagedNetwork: true,
      managedNetwork: { loopbackPorts: [3128], allowLocalBinding: false },
      env: { HTTPS_PROXY: "http://127.0.0.1:3128" },
    };
    const mountPoints = ["/srv/app/b"];
    const group = { kind: "group", version: 2, parent: "/srv/app/b", mountPoints } as const;
    const limitMeans = { memory: group, processes: group };
    for (const permissions of [managed(WORKSPACE_WRITE), managed([special("root", "write")])]) {
      for (const more of [limited, proxied]) {
        const sides = bothSides(intentFor(permissions, "/srv/app", { cwd: "/", ...more }), { ...machine, limitMeans });
        expect(sides?.[0]).toEqual(sides?.[1]);
        expect(sides).toBeDefined();
      }
    }
  });
});
