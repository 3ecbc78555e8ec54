import { dirname, join } from "node:path";
import { againstKnown } from "../known-breaches.ts";
import type { WorkspacePackage } from "../workspace.ts";

/** Folders of a package's sources, top first: each may import those below it, never one above. */
export const ORDERS: Readonly<Record<string, readonly string[]>> = {
  "packages/executor/src": [
    "handlers",
    "session",
    "start",
    "admission",
    "environment",
    "confined-files",
    "spool",
    "trees",
    "confinement",
    "planning",
    "process",
    "guardian",
    "mount-targets",
    "pty",
    "http",
    "watch",
    "listeners",
    "control-groups",
    "search",
    "filesystem",
    "platform",
  ],
  "packages/permission-profile/src": ["legacy", "combine", "resolve", "policy", "glob", "parse", "paths", "types"],
  "packages/sandbox/src": ["explain", "probe", "denial", "proxy", "windows", "seatbelt", "linux", "init", "seccomp"],
};

/** Imports against the order from before the rule, folder by folder; the list may only become shorter. */
export const KNOWN_UPWARD: readonly string[] = [];

/** Inside a package the arrows between folders point down, too. Files beside the folders put them together, and are free. */
export function folderOrder(
  packages: readonly WorkspacePackage[],
  orders: Readonly<Record<string, readonly string[]>> = ORDERS,
  known: readonly string[] = KNOWN_UPWARD,
): readonly string[] {
  const sources = packages.flatMap((owner) => owner.sources);
  const arrows = Object.entries(orders).flatMap(([root, order]) =>
    sources
      .filter(({ path }) => folderOf(root, path) !== undefined)
      .flatMap(({ path, imports }) =>
        imports
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => ({ root, order, path, target: join(dirname(path), specifier) })),
      ),
  );
  const upward = arrows.flatMap(({ root, order, path, target }) => {
    const from = folderOf(root, path);
    const to = folderOf(root, target);
    if (from === undefined || to === undefined || from === to || order.indexOf(from) < order.indexOf(to)) return [];
    return [{ key: `${root}/${from} → ${to}`, text: `${path}: ${from} must not import ${target}: it lies above` }];
  });
  return [
    ...unplaced(
      sources.map(({ path }) => path),
      orders,
    ),
    ...againstKnown(upward, known, "KNOWN_UPWARD"),
  ];
}

function unplaced(paths: readonly string[], orders: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(orders).flatMap(([root, order]) => {
    const folders = new Set(paths.map((path) => folderOf(root, path)).filter((folder) => folder !== undefined));
    return [
      ...[...folders]
        .filter((folder) => !order.includes(folder))
        .map((folder) => `${root}/${folder}: has no place in ORDERS`),
      ...order
        .filter((folder) => !folders.has(folder))
        .map((folder) => `${root}/${folder}: is no more; take it out of ORDERS`),
    ];
  });
}

/** The folder right below `root` that a file lies in; none for a file beside the folders, or elsewhere. */
function folderOf(root: string, path: string): string | undefined {
  if (!path.startsWith(`${root}/`)) return undefined;
  const [folder, ...rest] = path.slice(root.length + 1).split("/");
  return rest.length === 0 ? undefined : folder;
}
