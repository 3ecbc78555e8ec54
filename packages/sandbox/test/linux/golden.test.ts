import { describe, expect, test } from "vitest";
import { plan, type SandboxIntent } from "../../src/index.ts";
import { type FakeTree, fakeMachine } from "../support/fake-files.ts";
import {
  type Entry,
  glob,
  intentFor,
  literal,
  managed,
  PROTECTED,
  ROOT_READ,
  special,
  WORKSPACE_WRITE,
} from "../support/intents.ts";
import { showPlan } from "../support/show-plan.ts";

const WORKSPACE: FakeTree = {
  "/srv/app/.git/HEAD": { text: "ref: refs/heads/main" },
  "/srv/app/a/secret": { text: "x" },
  "/srv/app/a/b/open": { text: "x" },
  "/var/ann-tmp": "folder",
};

const CARVE = [...WORKSPACE_WRITE, literal("/srv/app/a", "deny"), literal("/srv/app/a/b", "write")];
const ROOT_WRITE = special("root", "write");

interface Golden {
  readonly permissions: Entry;
  readonly files?: FakeTree;
  readonly more?: Partial<Omit<SandboxIntent, "context">>;
  readonly workspace?: string;
}

const GOLDEN: Readonly<Record<string, Golden>> = {
  "read only": { permissions: managed([ROOT_READ]) },
  "read only with network": { permissions: managed([ROOT_READ], "enabled") },
  "workspace write": { permissions: managed(WORKSPACE_WRITE) },
  "workspace write with network": { permissions: managed(WORKSPACE_WRITE, "enabled") },
  "workspace write on a terminal": { permissions: managed(WORKSPACE_WRITE), more: { tty: true } },
  "deny with a reopened folder": { permissions: managed(CARVE) },
  "deny with a folder to read": {
    permissions: managed([...WORKSPACE_WRITE, literal("/srv/app/a", "deny"), literal("/srv/app/a/b", "read")]),
  },
  "read below write with a reopened folder": {
    permissions: managed([...WORKSPACE_WRITE, literal("/srv/app/a", "read"), literal("/srv/app/a/b", "write")]),
  },
  "minimal with a workspace": { permissions: managed([special("minimal", "read"), special("project_roots", "write")]) },
  "minimal with what the launch needs": {
    permissions: managed([special("minimal", "read"), special("project_roots", "write")]),
    files: { "/opt/node/bin/node": { text: "x" }, "/opt/current": { link: "node" } },
    more: { runtimeRoots: ["/opt/current/bin/node", "/usr/lib", "/srv/app/a", "/opt/missing"] },
  },
  "whole disk without network": { permissions: managed([ROOT_WRITE]) },
  "unrestricted files without network": {
    permissions: { type: "managed", network: "restricted", file_system: { type: "unrestricted" } },
  },
  "external without network": { permissions: { type: "external", network: "restricted" } },
  disabled: { permissions: { type: "disabled" }, more: { arg0: "-login", argv: ["bash", "-c", "true"] } },
  "missing paths": {
    permissions: managed([
      ...WORKSPACE_WRITE,
      literal("/srv/app/not/yet/here", "deny"),
      literal("/srv/app/not/yet", "read"),
      literal("/srv/app/skipped", "deny", { missing_path_behavior: "skip" }),
      literal("/opt/elsewhere", "deny"),
    ]),
  },
  "denied files": {
    permissions: managed([...WORKSPACE_WRITE, literal("/srv/app/a/secret", "deny"), literal("/usr/bin/bwrap", "deny")]),
  },
  "writable root that is missing": { permissions: managed([ROOT_READ, literal("/srv/none", "write")]) },
  "root write with narrower entries": {
    permissions: managed([ROOT_WRITE, literal("/etc", "read"), literal("/srv/app/a", "deny")]),
  },
  "pointer to a repository": {
    permissions: managed([...WORKSPACE_WRITE, literal("/srv/main", "write")]),
    files: {
      "/srv/linked/.git": { text: "gitdir: ../main/repo/worktrees/linked\n" },
      "/srv/main/repo/worktrees/linked/HEAD": { text: "x" },
    },
    workspace: "/srv/linked",
  },
  "workspace behind a link": {
    permissions: managed(WORKSPACE_WRITE),
    files: { "/home/ann/app": { link: "/srv/app" } },
    workspace: "/home/ann/app",
  },
  "minimal behind a link": {
    permissions: managed([special("minimal", "read"), special("project_roots", "write")]),
    files: { "/home/ann/app": { link: "../../srv/app" } },
    workspace: "/home/ann/app",
  },
  "deny patterns": {
    permissions: managed(
      [...WORKSPACE_WRITE, glob("**/*.env"), glob("~/keys/*.pem"), glob("/srv/app/a/*")],
      "restricted",
      2,
    ),
    files: {
      "/srv/app/x.env": { text: "x" },
      "/srv/app/k/x.env": { text: "x" },
      "/srv/app/k/d/x.env": { text: "x" },
      "/srv/app/k/link.env": { link: "/etc/target" },
      "/etc/target": { text: "x" },
      "/home/ann/keys/id.pem": { text: "x" },
    },
  },
  "metadata granted by name": {
    permissions: managed([...WORKSPACE_WRITE.slice(0, 4), ...PROTECTED.slice(1), literal("/srv/app/.git", "write")]),
  },
  "proxy only": {
    permissions: managed(WORKSPACE_WRITE, "enabled"),
    more: {
      enforceManagedNetwork: true,
      managedNetwork: { loopbackPorts: [3128, 1080, 80], allowLocalBinding: false },
      env: {
        PATH: "/usr/bin",
        https_proxy: "http://u:p@localhost:3128/x",
        HTTP_PROXY: "127.0.0.1",
        ALL_PROXY: "socks5h://[::1]",
        NO_PROXY: "",
      },
    },
  },
  "proxy only without confinement of files": {
    permissions: { type: "disabled" },
    more: {
      enforceManagedNetwork: true,
      managedNetwork: { loopbackPorts: [3128], allowLocalBinding: true },
      env: { HTTPS_PROXY: "http://127.0.0.1:3128" },
    },
  },
};

describe("the plan on Linux", () => {
  test.each(Object.entries(GOLDEN))("for %s is the recorded one", async (name, golden) => {
    const machine = fakeMachine({ ...WORKSPACE, ...golden.files });
    const made = plan(intentFor(golden.permissions, golden.workspace ?? "/srv/app", golden.more), machine);
    await expect(showPlan(made)).toMatchFileSnapshot(`golden/${name.replaceAll(" ", "-")}.txt`);
  });
});
