import { join } from "node:path";
import { managed } from "../../sandbox/columns.ts";
import { uriOf } from "../../start-params.ts";
import { DENIED, DENIED_PATTERN, KEPT, type World } from "./world.ts";

type Entry = Readonly<Record<string, unknown>>;

function special(kind: string, access: string, members: object = {}): Entry {
  return {
    path: { type: "special", value: { kind, ...members } },
    access,
  };
}

function literal(path: string, access: string): Entry {
  return { path: { type: "path", path: uriOf(path) }, access };
}

/** Everything is carved out of one workspace in the same way, so that no command may help another to more. */
function carved({ work, local }: World, extra: readonly Entry[] = []) {
  return managed([
    special("root", "read"),
    special("project_roots", "write"),
    special("tmpdir", "write"),
    literal(local, "write"),
    ...[".git", ".agents", ".codex"].map((subpath) => special("project_roots", "read", { subpath })),
    ...DENIED.map((path) => literal(join(work, path), "deny")),
    ...KEPT.map((path) => literal(join(work, path), "read")),
    { path: { type: "glob_pattern", pattern: join(work, DENIED_PATTERN) }, access: "deny" },
    ...extra,
  ]);
}

function contextOf(world: World, permissions: object, roots: readonly string[] = []) {
  return {
    permissions,
    cwd: uriOf(world.work),
    workspaceRoots: [world.work, ...roots].map(uriOf),
    windowsSandboxLevel: "disabled",
  };
}

/** What agents get, and what operations on the arena ask for. */
export function agentSandbox(world: World) {
  return contextOf(world, carved(world));
}

/** The same with more in it: roots below the workspace, and carve-outs where agents move things about. */
export function nestedSandboxes(world: World): readonly object[] {
  return [
    contextOf(world, carved(world), [join(world.work, "a"), join(world.work, "a/b")]),
    contextOf(
      world,
      carved(world, [literal(join(world.work, "c/n1"), "deny"), literal(join(world.work, "a/n2"), "read")]),
    ),
    contextOf(
      world,
      carved(world, [literal(join(world.work, "a/b/n0/n1"), "write"), literal(join(world.tmp, "n3"), "deny")]),
    ),
  ];
}
