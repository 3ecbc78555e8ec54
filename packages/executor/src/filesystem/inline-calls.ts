import fs from "node:fs";
import type { OsCalls } from "./os-calls.ts";

/** Runs at once; what it throws is a rejection. */
function now<T>(call: () => T): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}

const CLONE_FLAGS = fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE_FORCE;

/** The calls of the running system, waited for on the spot: for a thread that does nothing else. */
export const inlineCalls: OsCalls = {
  open: (path, flags, mode = 0o666) => now(() => fs.openSync(path, flags, mode)),
  close: (fd) => now(() => fs.closeSync(fd)),
  read: (fd, into, offset, length, position) => now(() => fs.readSync(fd, into, offset, length, position)),
  write: (fd, from, offset, length, position) => now(() => fs.writeSync(fd, from, offset, length, position)),
  fstat: (fd) => now(() => fs.fstatSync(fd, { bigint: true })),
  stat: (path) => now(() => fs.statSync(path, { bigint: true })),
  lstat: (path) => now(() => fs.lstatSync(path, { bigint: true })),
  ftruncate: (fd, length) => now(() => fs.ftruncateSync(fd, length)),
  chmod: (path, mode) => now(() => fs.chmodSync(path, mode)),
  fchmod: (fd, mode) => now(() => fs.fchmodSync(fd, mode)),
  fchown: (fd, uid, gid) => now(() => fs.fchownSync(fd, uid, gid)),
  lchown: (path, uid, gid) => now(() => fs.lchownSync(path, uid, gid)),
  rename: (from, to) => now(() => fs.renameSync(from, to)),
  unlink: (path) => now(() => fs.unlinkSync(path)),
  rmdir: (path) => now(() => fs.rmdirSync(path)),
  mkdir: (path, mode = 0o777) => now(() => void fs.mkdirSync(path, mode)),
  readlink: (path) => now(() => fs.readlinkSync(path, "buffer")),
  symlink: (target, path) => now(() => fs.symlinkSync(target, path)),
  realpath: (path) => now(() => fs.realpathSync.native(path, "buffer")),
  readdir: (path) => now(() => fs.readdirSync(path, { withFileTypes: true, encoding: "buffer" })),
  link: (from, to) => now(() => fs.linkSync(from, to)),
  utimes: (path, atime, mtime) => now(() => fs.utimesSync(path, atime, mtime)),
  lutimes: (path, atime, mtime) => now(() => fs.lutimesSync(path, atime, mtime)),
  chown: (path, uid, gid) => now(() => fs.chownSync(path, uid, gid)),
  mkdtemp: (prefix) => now(() => fs.mkdtempSync(prefix as unknown as string, "buffer")),
  cloneToNew: (from, to) => now(() => fs.copyFileSync(from, to, CLONE_FLAGS)),
};
