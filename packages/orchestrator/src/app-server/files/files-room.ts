import type { FsReadDirectoryEntry } from "@holdfast/app-server-protocol";
import { type DirectoryEntry, type Executor, isNotFound } from "@holdfast/exec-client";
import { base64Problem, decodeBase64 } from "@holdfast/protocol-kit";
import { forEachAtOnce } from "../../for-each-at-once.ts";
import { absolutePath } from "../absolute-path.ts";
import { internalError, invalidRequest } from "../faults.ts";
import type { HostCall, HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";
import { localExecutor } from "../local-executor.ts";
import type { Room } from "../room.ts";
import { Slots } from "../slots.ts";
import { ClientWatches } from "./client-watches.ts";
import { fileFault } from "./file-fault.ts";
import { FILE_ANSWER_MAX_BYTES, LARGE_FILE_BYTES, LARGE_FILES_AT_ONCE, LOOKS_AT_ONCE } from "./limits.ts";

/** `fs/*`: the files of this machine, as its executor has them, not confined. */
export function filesRoom(services: HostServices): Room {
  const watches = new ClientWatches(services);
  const large = new Slots(LARGE_FILES_AT_ONCE);
  return {
    handlers: {
      "fs/readFile": ({ path }, call) => at(path, (executor, place) => readFile(executor, place, call)),
      "fs/writeFile": async ({ path, dataBase64 }) => {
        const data = decodeBase64(dataBase64);
        if (data === undefined) {
          throw invalidRequest(`fs/writeFile requires valid base64 dataBase64: ${base64Problem(dataBase64)}`);
        }
        return await at(path, ({ fs }, place) => done(fs.writeFile(place, data)));
      },
      "fs/createDirectory": ({ path, recursive }) =>
        at(path, ({ fs }, place) => done(fs.createDirectory(place, { recursive: recursive ?? true }))),
      "fs/getMetadata": ({ path }) =>
        at(path, async ({ fs }, place) => {
          const { isDirectory, isFile, isSymlink, createdAtMs, modifiedAtMs } = await fs.metadata(place);
          return { isDirectory, isFile, isSymlink, createdAtMs, modifiedAtMs };
        }),
      "fs/readDirectory": ({ path }) => at(path, readDirectory),
      "fs/remove": ({ path, recursive, force }) =>
        at(path, ({ fs }, place) => done(fs.remove(place, { recursive: recursive ?? true, force: force ?? true }))),
      "fs/copy": ({ sourcePath, destinationPath, recursive = false }) =>
        at(sourcePath, ({ fs, environment }, place) =>
          done(fs.copy(place, absolutePath(destinationPath, environment), { recursive })),
        ),
      "fs/watch": async ({ path, watchId }, { client }) => {
        const find = async () => {
          const executor = await localExecutor(services);
          return { executor, path: absolutePath(path, executor.environment) };
        };
        return { path: await watches.begin(client, { watchId, find }) };
      },
      "fs/unwatch": ({ watchId }, { client }) => {
        watches.end(client, watchId);
        return {};
      },
    },
    left: (client) => watches.left(client),
    close: () => watches.close(),
  };

  /** For a client that takes what it is sent: one that does not keeps nobody else from a slot. */
  async function slotFor(client: HostClient, signal: AbortSignal): Promise<Disposable> {
    for (;;) {
      await client.whenWritable();
      const slot = await large.take(signal);
      if (client.writable || client.gone.aborted) return slot;
      slot[Symbol.dispose]();
    }
  }

  async function readFile(
    { fs }: Executor,
    path: string,
    { client, signal }: HostCall,
  ): Promise<{ dataBase64: string }> {
    const { isFile, size } = await fs.metadata(path);
    if (!isFile) throw invalidRequest(`path \`${path}\` is not a file`);
    checkAnswerable(size);
    using _slot = size > LARGE_FILE_BYTES ? await slotFor(client, signal) : undefined;
    const data = await fs.readFile(path, { signal });
    checkAnswerable(data.byteLength);
    const { buffer, byteOffset, byteLength } = data;
    return { dataBase64: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
  }

  /** Do something with a path of this machine. */
  async function at<Result>(
    path: string,
    act: (executor: Executor, place: string) => Promise<Result>,
  ): Promise<Result> {
    const executor = await localExecutor(services);
    const place = absolutePath(path, executor.environment);
    try {
      return await act(executor, place);
    } catch (error) {
      throw fileFault(error);
    }
  }
}

function checkAnswerable(bytes: number): void {
  if (bytes <= FILE_ANSWER_MAX_BYTES) return;
  throw internalError(
    `the file has ${bytes} bytes, and one answer can hold ${FILE_ANSWER_MAX_BYTES}; read it in parts by a command`,
  );
}

/** What has a name in a folder, but links that lead nowhere. */
async function readDirectory({ fs }: Executor, path: string): Promise<{ entries: FsReadDirectoryEntry[] }> {
  const found = await fs.readDirectory(path);
  const broken = new Set<DirectoryEntry>();
  const unclear = found.filter(({ isDirectory, isFile }) => !isDirectory && !isFile);
  await forEachAtOnce(unclear, LOOKS_AT_ONCE, async (entry) => {
    try {
      await fs.metadata(`${path === "/" ? "" : path}/${entry.name}`);
    } catch (error) {
      if (isNotFound(error)) broken.add(entry);
    }
  });
  const entries = found.filter((entry) => !broken.has(entry));
  return { entries: entries.map(({ name, isDirectory, isFile }) => ({ fileName: name, isDirectory, isFile })) };
}

async function done(change: Promise<unknown>): Promise<Record<string, never>> {
  await change;
  return {};
}
