import { createHash } from "node:crypto";
import type { FileFacts, FileView, Machine, PathKind } from "../../src/index.ts";

/** A file system written down: a folder, a file with its text, or a link with its target. */
export type FakeTree = Readonly<
  Record<string, "folder" | "locked folder" | "device" | { text: string } | { link: string }>
>;

const USUAL: FakeTree = {
  "/": "locked folder",
  "/bin": { link: "usr/bin" },
  "/dev": "locked folder",
  "/dev/null": "device",
  "/etc": "locked folder",
  "/home/ann": "folder",
  "/lib": { link: "usr/lib" },
  "/tmp": "folder",
  "/usr/bin/bwrap": { text: "ELF" },
  "/usr/lib": "locked folder",
  "/usr": "locked folder",
  "/usr/bin": "locked folder",
};

/** Of every file: 8:1. */
const DEVICE = 0x801n;

function numberOf(text: string): bigint {
  return createHash("sha256").update(text).digest().readBigUInt64BE() >> 1n;
}

/** A view of a file system that was only written down; folders on the way to a path exist by themselves. */
export function fakeFiles(tree: FakeTree): FileView {
  const nodes = new Map(Object.entries({ ...USUAL, ...tree }));
  for (const path of [...nodes.keys()]) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (!nodes.has(folder)) nodes.set(folder, "folder");
    }
  }
  const kindOf = (path: string): PathKind | undefined => {
    const node = nodes.get(path);
    if (node === undefined) return undefined;
    if (typeof node === "string") return node === "device" ? "other" : "directory";
    return "link" in node ? "symlink" : "file";
  };
  const factsOf = (path: string): FileFacts | undefined => {
    const node = nodes.get(path);
    if (node === undefined) return undefined;
    const isText = typeof node === "object" && "text" in node;
    const size = isText ? node.text.length : 0;
    const isOwn = node === "folder" || isText;
    return {
      device: DEVICE,
      inode: numberOf(path),
      bornNs: 1n,
      uid: isOwn ? 1000 : 0,
      gid: 0,
      mode: isText ? 0o644 : 0o755,
      size,
      changedNs: isText ? numberOf(node.text) : 1n,
    };
  };
  return {
    kindOf,
    factsOf,
    realpath: (path) => (kindOf(path) === undefined || kindOf(path) === "symlink" ? undefined : path),
    readlink: (path) => {
      const node = nodes.get(path);
      return typeof node === "object" && "link" in node ? node.link : undefined;
    },
    canCreateIn: (path) => nodes.get(path) === "folder",
    list: (path) => {
      const prefix = path === "/" ? "/" : `${path}/`;
      const below = [...nodes.keys()].filter((each) => each.startsWith(prefix) && each !== "/");
      const names = new Set(below.map((each) => each.slice(prefix.length).split("/")[0] ?? ""));
      return [...names].map((name) => ({ name, kind: kindOf(`${prefix}${name}`) ?? "other" }));
    },
    readText: (path, maxBytes) => {
      const node = nodes.get(path);
      return typeof node === "object" && "text" in node ? node.text.slice(0, maxBytes) : undefined;
    },
    readBytes: (path, maxBytes) => {
      const node = nodes.get(path);
      const isThere = typeof node === "object" && "text" in node && node.text.length <= maxBytes;
      return isThere ? Buffer.from(node.text, "latin1") : undefined;
    },
  };
}

/** A Linux machine with these files. */
export function fakeMachine(tree: FakeTree, more: Partial<Machine> = {}): Machine {
  return {
    means: {
      kind: "linux",
      bubblewrap: { path: "/usr/bin/bwrap", supportsArgv0: false, canMountProc: true },
      arch: "x64",
    },
    files: fakeFiles(tree),
    uid: 1000,
    home: "/home/ann",
    tmpdir: "/var/ann-tmp",
    ...more,
  };
}
