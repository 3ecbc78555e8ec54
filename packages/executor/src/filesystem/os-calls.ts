import fs, { type BigIntStats, type Dirent } from "node:fs";

/**
 * The system calls this folder is built on, as a port: tests replace single calls to make the system fail at will.
 *
 * Paths are native bytes. Every call rejects with Node's errno exception.
 */
export interface OsCalls {
  open(path: Buffer, flags: number, mode?: number): Promise<number>;
  close(fd: number): Promise<void>;
  /** Answers the number of bytes read; 0 at the end. */
  read(fd: number, into: Buffer, offset: number, length: number, position: number | bigint): Promise<number>;
  /** Answers the number of bytes written; `position` null writes at the current place of a stream. */
  write(fd: number, from: Buffer, offset: number, length: number, position: number | null): Promise<number>;
  fstat(fd: number): Promise<BigIntStats>;
  stat(path: Buffer): Promise<BigIntStats>;
  lstat(path: Buffer): Promise<BigIntStats>;
  ftruncate(fd: number, length: number): Promise<void>;
  chmod(path: Buffer, mode: number): Promise<void>;
  fchmod(fd: number, mode: number): Promise<void>;
  fchown(fd: number, uid: number, gid: number): Promise<void>;
  lchown(path: Buffer, uid: number, gid: number): Promise<void>;
  rename(from: Buffer, to: Buffer): Promise<void>;
  unlink(path: Buffer): Promise<void>;
  rmdir(path: Buffer): Promise<void>;
  mkdir(path: Buffer, mode?: number): Promise<void>;
  readlink(path: Buffer): Promise<Buffer>;
  symlink(target: Buffer, path: Buffer): Promise<void>;
  /** One more name of a file; a link is not followed. */
  link(existing: Buffer, path: Buffer): Promise<void>;
  utimes(path: Buffer, accessed: Date, modified: Date): Promise<void>;
  /** As `utimes`, of a link itself. */
  lutimes(path: Buffer, accessed: Date, modified: Date): Promise<void>;
  chown(path: Buffer, uid: number, gid: number): Promise<void>;
  /** Make a folder under `prefix` and six more characters. Answers its path. */
  mkdtemp(prefix: Buffer): Promise<Buffer>;
  realpath(path: Buffer): Promise<Buffer>;
  readdir(path: Buffer): Promise<Dirent<Buffer>[]>;
  /**
   * Make a file that shares its blocks with another one, and has its mode. `to` must not exist. Fails where the file system
   * can not: nothing is ever copied byte by byte in here, as that could not be stopped.
   */
  cloneToNew(from: Buffer, to: Buffer): Promise<void>;
}

type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void;
type Finished = (error: NodeJS.ErrnoException | null) => void;

/** Answers with the value that the callback gets. */
function answer<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => start((error, value) => (error === null ? resolve(value) : reject(error))));
}

function finish(start: (done: Finished) => void): Promise<void> {
  // Some of Node's callbacks pass `undefined` instead of `null` for success.
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}

const CLONE_FLAGS = fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE_FORCE;

/** The calls of the running system. */
export const systemCalls: OsCalls = {
  open: (path, flags, mode = 0o666) => answer((done) => fs.open(path, flags, mode, done)),
  close: (fd) => finish((done) => fs.close(fd, done)),
  read: (fd, into, offset, length, position) =>
    answer((done) => fs.read(fd, into, offset, length, position, (error, count) => done(error, count))),
  write: (fd, from, offset, length, position) =>
    answer((done) => fs.write(fd, from, offset, length, position, (error, count) => done(error, count))),
  fstat: (fd) => answer((done) => fs.fstat(fd, { bigint: true }, done)),
  stat: (path) => answer((done) => fs.stat(path, { bigint: true }, done)),
  lstat: (path) => answer((done) => fs.lstat(path, { bigint: true }, done)),
  ftruncate: (fd, length) => finish((done) => fs.ftruncate(fd, length, done)),
  chmod: (path, mode) => finish((done) => fs.chmod(path, mode, done)),
  fchmod: (fd, mode) => finish((done) => fs.fchmod(fd, mode, done)),
  fchown: (fd, uid, gid) => finish((done) => fs.fchown(fd, uid, gid, done)),
  lchown: (path, uid, gid) => finish((done) => fs.lchown(path, uid, gid, done)),
  rename: (from, to) => finish((done) => fs.rename(from, to, done)),
  unlink: (path) => finish((done) => fs.unlink(path, done)),
  rmdir: (path) => finish((done) => fs.rmdir(path, done)),
  mkdir: (path, mode = 0o777) => finish((done) => fs.mkdir(path, mode, done)),
  readlink: (path) => answer((done) => fs.readlink(path, "buffer", done)),
  symlink: (target, path) => finish((done) => fs.symlink(target, path, done)),
  link: (existing, path) => finish((done) => fs.link(existing, path, done)),
  utimes: (path, accessed, modified) => finish((done) => fs.utimes(path, accessed, modified, done)),
  lutimes: (path, accessed, modified) => finish((done) => fs.lutimes(path, accessed, modified, done)),
  chown: (path, uid, gid) => finish((done) => fs.chown(path, uid, gid, done)),
  // Node's types know no prefix of bytes, and Node itself takes one.
  mkdtemp: (prefix) => answer((done) => fs.mkdtemp(prefix as unknown as string, "buffer", done)),
  realpath: (path) => answer((done) => fs.realpath.native(path, "buffer", done)),
  readdir: (path) => answer((done) => fs.readdir(path, { withFileTypes: true, encoding: "buffer" }, done)),
  cloneToNew: (from, to) => finish((done) => fs.copyFile(from, to, CLONE_FLAGS, done)),
};

/** Do two looks at the disk show the same file or directory? */
export function isSameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
