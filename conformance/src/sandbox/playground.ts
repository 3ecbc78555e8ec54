import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { basename, join } from "node:path";
import { ownFolder } from "../owned.ts";

/** Not below `/tmp`, which many profiles may write. */
const PARENT = "/var/tmp";

/** Folders and listeners that commands in a sandbox are let loose on. Gone when disposed. */
export interface Playground extends AsyncDisposable {
  readonly root: string;
  readonly workspace: string;
  readonly outside: string;
  /** For `TMPDIR`. */
  readonly temporary: string;
  readonly home: string;
  /** Listens on loopback. */
  readonly port: number;
  /** A listening unix socket outside the workspace. */
  readonly socket: string;
  /** Makes names unique that end up in shared folders. */
  readonly mark: string;
}

async function fill(root: string): Promise<void> {
  const folders = ["workspace/.git", "workspace/sub", "workspace/a/b", "outside", "temporary", "home"];
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  const files = ["file", "victim", "renamed", ".git/config", ".git/HEAD", "a/secret", "a/b/file"];
  for (const file of files) await writeFile(join(root, "workspace", file), "content\n");
  for (const file of ["file", "hard", "linked"]) await writeFile(join(root, "outside", file), "content\n");
  await symlink(join(root, "outside/linked"), join(root, "workspace/link"));
  await link(join(root, "outside/hard"), join(root, "workspace/hard"));
}

/** @param uid - Who owns everything. */
export async function makePlayground(uid: number): Promise<Playground> {
  const folder = ownFolder(await mkdtemp(join(PARENT, "holdfast-conformance-")));
  const root = folder.path;
  await fill(root);
  const tcp = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  const socket = join(root, "outside", "host.sock");
  const unix = createServer((peer) => peer.destroy()).listen(socket);
  await Promise.all([once(tcp, "listening"), once(unix, "listening")]);
  if (process.getuid?.() === 0) execFileSync("chown", ["-Rh", `${uid}:${uid}`, root]);
  const mark = basename(root);
  return {
    root,
    workspace: join(root, "workspace"),
    outside: join(root, "outside"),
    temporary: join(root, "temporary"),
    home: join(root, "home"),
    port: (tcp.address() as AddressInfo).port,
    socket,
    mark,
    [Symbol.asyncDispose]: async () => {
      tcp.close();
      unix.close();
      for (const shared of ["/tmp", "/var/tmp", "/dev/shm"]) await rm(join(shared, `${mark}-new`), { force: true });
      await folder[Symbol.asyncDispose]();
    },
  };
}
