import { describe, expect, test } from "vitest";
import { type Explanation, explain, isSandboxError, type Machine, plan } from "../../src/index.ts";
import { type FakeTree, fakeFiles, fakeMachine } from "../support/fake-files.ts";
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

const FILES: FakeTree = {
  "/srv/app/.git/HEAD": { text: "ref: refs/heads/main" },
  "/srv/app/a/secret": { text: "x" },
  "/srv/app/key.pem": { text: "x" },
  "/srv/app/to-etc": { link: "/etc/hosts" },
  "/srv/app/a/to-etc": { link: "/etc/hosts" },
  "/srv/app/loop": { link: "loop" },
  "/srv/app/dangling": { link: "nowhere" },
  "/etc/hosts": { text: "x" },
};

const machine = fakeMachine(FILES);

function explained(permissions: Entry, paths: readonly string[], on: Machine = machine): readonly Explanation[] {
  return explain(intentFor(permissions, "/srv/app", { cwd: "/" }), on, paths);
}

function one(permissions: Entry, path: string, on: Machine = machine): Explanation {
  const [explanation] = explained(permissions, [path], on);
  if (explanation === undefined) throw new Error("nothing was explained");
  return explanation;
}

describe("what a command may do with a path is explained by", () => {
  test("the entry that grants it, in the words and the place of the profile", () => {
    expect(one(managed(WORKSPACE_WRITE), "/srv/app/new")).toEqual({
      asked: "/srv/app/new",
      path: "/srv/app/new",
      exists: false,
      access: "write",
      rule: {
        kind: "entry",
        index: 1,
        entry: { path: { type: "special", value: { kind: "project_roots" } }, access: "write" },
        path: "file:///srv/app",
      },
    });
  });

  test("the protected name, where it is there and where it must not come into being", () => {
    const profile = managed([ROOT_READ, special("project_roots", "write")]);
    for (const name of [".git", ".codex"]) {
      expect(one(profile, `/srv/app/${name}/x`)).toMatchObject({
        access: "read",
        rule: { kind: "protected-metadata", root: "file:///srv/app", name },
      });
    }
  });

  test("the pattern that hides it now", () => {
    const profile = managed([...WORKSPACE_WRITE, glob("*.pem")]);
    const rule = { kind: "glob", pattern: "*.pem", index: WORKSPACE_WRITE.length };
    expect(explained(profile, ["/srv/app/key.pem", "/srv/app/new.pem"])).toMatchObject([
      { access: "deny", rule },
      { access: "write", rule: { kind: "entry", index: 1 } },
    ]);
  });

  test("nothing, where no entry is about it", () => {
    expect(one(managed([special("project_roots", "write")]), "/opt")).toMatchObject({
      access: "deny",
      rule: { kind: "unmatched" },
    });
  });

  test("an entry that grants writing where nothing is", () => {
    const profile = managed([ROOT_READ, literal("/srv/none", "write")]);
    expect(one(profile, "/srv/none/x")).toMatchObject({
      access: "read",
      rule: { kind: "missing-grant", cause: { index: 1 }, path: "/srv/none" },
    });
  });

  test("the cover that keeps something from being made, and the entry that it is there for", () => {
    const profile = managed([...WORKSPACE_WRITE, literal("/srv/app/not/yet", "deny")]);
    expect(one(profile, "/srv/app/not/x")).toMatchObject({
      access: "deny",
      rule: {
        kind: "sandbox",
        mount: { path: "/srv/app/not", access: "deny", kind: "cover file" },
        cause: { index: WORKSPACE_WRITE.length },
      },
    });
  });

  test("what the platform needs to run programs, by the folder that people know", () => {
    expect(one(managed([special("minimal", "read")]), "/bin/sh")).toMatchObject({
      path: "/usr/bin/sh",
      access: "read",
      rule: { kind: "sandbox", mount: { path: "/usr", access: "read", kind: "show" }, cause: { index: 0 } },
    });
  });

  test("the sandbox's own devices and processes", () => {
    expect(explained(managed([ROOT_READ]), ["/dev/null", "/proc/self"])).toMatchObject([
      { access: "write", rule: { kind: "sandbox", mount: { path: "/dev", access: "write", kind: "own" } } },
      { access: "read", rule: { kind: "sandbox", mount: { path: "/proc", access: "read", kind: "own" } } },
    ]);
  });

  test("the program that confines, which no command changes", () => {
    const here = fakeMachine({ ...FILES, "/srv/app/program": { text: "ELF" } }, { ownPlaces: ["/srv/app/program"] });
    expect(one(managed(WORKSPACE_WRITE), "/srv/app/program", here)).toMatchObject({
      access: "read",
      rule: { kind: "sandbox", mount: { path: "/srv/app/program" }, isProgram: true },
    });
  });

  test("the whole disk, where files are not restricted", () => {
    const everything = { access: "write", rule: { kind: "whole-disk" } };
    const unrestricted = { type: "managed", network: "restricted", file_system: { type: "unrestricted" } };
    for (const profile of [{ type: "disabled" }, unrestricted, managed([special("root", "write")])]) {
      expect(one(profile, "/etc/hosts")).toMatchObject(everything);
    }
    expect(explain(undefined, machine, ["/etc/hosts"])).toMatchObject([everything]);
  });
});

describe("a link is followed", () => {
  test("to where it leads, and what is there decides", () => {
    expect(one(managed(WORKSPACE_WRITE), "/srv/app/to-etc")).toMatchObject({
      asked: "/srv/app/to-etc",
      path: "/etc/hosts",
      exists: true,
      access: "read",
      rule: { kind: "entry", index: 0 },
    });
  });

  test("unless the command can not see it", () => {
    const profile = managed([...WORKSPACE_WRITE, literal("/srv/app/a", "deny")]);
    expect(one(profile, "/srv/app/a/to-etc")).toMatchObject({
      path: "/etc/hosts",
      access: "deny",
      rule: { kind: "entry", index: WORKSPACE_WRITE.length },
    });
  });

  test("to a place that is missing, or round in circles, without an error", () => {
    expect(
      explained(managed(WORKSPACE_WRITE), ["/srv/app/dangling/x", "/srv/app/loop", "/srv/app/loop/x"]),
    ).toMatchObject([
      { path: "/srv/app/nowhere/x", exists: false, access: "write" },
      { path: "/srv/app/loop", exists: false, access: "write" },
      { path: "/srv/app/loop/x", exists: false, access: "write" },
    ]);
  });
});

describe("explaining", () => {
  test("refuses what a start would refuse, in the same words", () => {
    const intent = intentFor(managed([...WORKSPACE_WRITE, glob("{a,b}")]), "/srv/app");
    expect(refusalOf(() => explain(intent, machine, ["/"]))).toBe(refusalOf(() => plan(intent, machine)));
  });

  test("takes absolute paths only, and none with a NUL", () => {
    for (const [path, why] of [
      ["srv", "the path 'srv' is not absolute"],
      ["/a\0b", "a path must not contain a NUL"],
    ] as const) {
      expect(refusalOf(() => explain(undefined, machine, [path]))).toBe(`invalid: ${why}`);
    }
  });

  test("needs no bubblewrap, and gives the same without", () => {
    const reason = "bubblewrap (bwrap) is not on PATH";
    const bare = fakeMachine(FILES, { means: { kind: "unavailable", platform: "linux", reason } });
    const paths = ["/srv/app/x", "/srv/app/.git", "/etc/hosts", "/dev/null"];
    expect(explained(managed(WORKSPACE_WRITE), paths, bare)).toEqual(explained(managed(WORKSPACE_WRITE), paths));
  });

  test("goes by the entries alone on macOS", () => {
    const mac = fakeMachine(FILES, { means: { kind: "macos" } });
    const profile = managed([...WORKSPACE_WRITE, literal("/srv/app/a", "deny")]);
    expect(explained(profile, ["/srv/app/x", "/srv/app/a/secret", "/dev/null"], mac)).toMatchObject([
      { access: "write", rule: { kind: "entry", index: 1 } },
      { access: "deny", rule: { kind: "entry", index: WORKSPACE_WRITE.length } },
      { access: "read", rule: { kind: "entry", index: 0 } },
    ]);
  });

  test("plans once for all paths", () => {
    const files = fakeFiles(FILES);
    let lists = 0;
    const list: typeof files.list = (path) => {
      lists += 1;
      return files.list(path);
    };
    const profile = managed([...WORKSPACE_WRITE, glob("**/*.pem")]);
    const count = (paths: readonly string[]): number => {
      lists = 0;
      explained(profile, paths, { ...machine, files: { ...files, list } });
      return lists;
    };
    expect(count(["/srv/app", "/srv/app/a", "/etc", "/tmp"])).toBe(count(["/srv/app"]));
  });
});

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isSandboxError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("nothing was refused");
}
