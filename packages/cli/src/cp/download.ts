import { randomUUID } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { basename } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { copyFailure, refuseFolder, refuseTarget } from "./copy-failure.ts";
import { remoteMode, remoteSource } from "./remote-source.ts";
import { PERMISSION_BITS, type Transfer } from "./transfer.ts";

const NEW_FILE_MODE = 0o666;
const TEMPORARY_MODE = 0o600;

/** Copy a file of the executor to this machine. */
export async function download(transfer: Transfer): Promise<void> {
  const { executor, source, destination } = transfer;
  const { path, size } = await remoteSource(executor, source);
  const { final, mode: formerMode } = await localDestination(transfer, basename(path) ?? "");
  const sourceMode = await remoteMode(executor, path);
  if (sourceMode === undefined && executor.environment.pathConvention !== "windows") {
    transfer.problems.warn(`${source.text}: the executor does not tell its permission bits`);
  }
  const mode = sourceMode ?? formerMode ?? NEW_FILE_MODE & ~process.umask();
  const temporary = join(dirname(final), `.holdfast-${randomUUID()}`);
  try {
    await receive(transfer, { path, size, temporary, mode });
    transfer.signal.throwIfAborted();
    await rename(temporary, final);
  } catch (error) {
    await rm(temporary, { force: true });
    throw copyFailure(`cannot copy ${source.text} to ${destination.text}`, error);
  }
}

interface LocalDestination {
  readonly final: string;
  /** Permission bits of the file that is there. */
  readonly mode: number | undefined;
}

async function localDestination({ cwd, destination }: Transfer, sourceName: string): Promise<LocalDestination> {
  const asked = resolve(cwd, destination.path);
  const existing = await statOf(asked, destination.text);
  if (existing?.isDirectory() !== true) {
    if (destination.path.endsWith("/")) throw new CommandFailure(`${destination.text} is no folder`);
    return settle(asked, existing, destination.text);
  }
  const named = join(asked, sourceName);
  const inside = await statOf(named, named);
  if (inside?.isDirectory() === true) throw refuseFolder(named);
  return settle(named, inside, named);
}

type Stats = Awaited<ReturnType<typeof stat>>;

async function settle(path: string, existing: Stats | undefined, text: string): Promise<LocalDestination> {
  if (existing === undefined) return { final: path, mode: undefined };
  if (!existing.isFile()) throw refuseTarget(text);
  // Through a link: its target is replaced, the link stays.
  return { final: await realpath(path), mode: Number(existing.mode) & PERMISSION_BITS };
}

async function statOf(path: string, text: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw copyFailure(`cannot write ${text}`, error);
  }
}

interface Reception {
  readonly path: string;
  readonly size: number;
  readonly temporary: string;
  readonly mode: number;
}

async function receive(transfer: Transfer, { path, size, temporary, mode }: Reception): Promise<void> {
  await using file = await open(temporary, "wx", TEMPORARY_MODE);
  using progress = transfer.progress(transfer.source.text, size);
  for await (const block of transfer.executor.fs.createReadStream(path, { signal: transfer.signal })) {
    await writeAll(file, block);
    progress.advance(block.byteLength);
  }
  await file.chmod(mode);
  // A rename must never reach the disk before the bytes do.
  await file.sync();
}

/** Write a whole block at the end. */
export async function writeAll(file: FileHandle, block: Uint8Array): Promise<void> {
  for (let done = 0; done < block.byteLength; ) {
    const { bytesWritten } = await file.write(block, done);
    done += bytesWritten;
  }
}
