import {
  type Executor,
  isFileError,
  isNotFound,
  placedSandbox,
  type RunningProcess,
  type Sandbox,
} from "@holdfast/exec-client";
import { join, type PathUri, parent } from "@holdfast/path-uri";
import type { Experimental_SandboxProcess as SandboxProcess, Experimental_SandboxSession as SandboxSession } from "ai";
import { baseFolder } from "./base-folder.ts";
import { describeSession } from "./describe-session.ts";
import { decodeText, encodeText, linesBetween } from "./text.ts";

/** How a session differs from the executor that it is on. */
export interface SandboxSessionOptions {
  /** Folder that relative paths and commands start at: absolute, as the executor's system writes it. Default: the executor's own. */
  readonly cwd?: string | undefined;
  /**
   * How every command and file call is confined. Relative paths in it start at `cwd`. Default `"workspace-write"`: everything may be
   * read, `cwd` and temporary folders may be written, and there is no network. `"none"` confines nothing.
   */
  readonly sandbox?: Sandbox | undefined;
  /** What the agent is told about the place. Default: its system, shell and folder, and how it is confined. */
  readonly description?: string | undefined;
}

type SpawnOptions = Parameters<SandboxSession["spawn"]>[0];
type SpawnedProcess = Awaited<ReturnType<SandboxSession["spawn"]>>;
type Signal = AbortSignal | undefined;

/**
 * A sandbox session of the AI SDK on an executor. It has no end of its own: close the executor when the agent is done.
 *
 * @param executor - Connected by `connect` of `@holdfast/exec-client`.
 * @throws InvalidArgumentError - `cwd` or `sandbox` can not be used on this executor.
 */
export function createSandboxSession(executor: Executor, options: SandboxSessionOptions = {}): SandboxSession {
  const { environment, fs } = executor;
  const base = baseFolder(executor, options.cwd);
  const wanted = options.sandbox ?? "workspace-write";
  const sandbox = placedSandbox(wanted, base, environment);
  const place = (path: string): PathUri => join(base, path);
  const call = (signal: Signal) => ({ signal, sandbox });

  function commandOf({ command, workingDirectory, env, abortSignal }: SpawnOptions) {
    const cwd = workingDirectory === undefined ? base : place(workingDirectory);
    return { script: command, how: { cwd, env, signal: abortSignal, sandbox } };
  }

  async function readFile({ path, abortSignal }: { readonly path: string; readonly abortSignal?: Signal }) {
    return await orNull(() => fs.readFile(place(path), call(abortSignal)));
  }

  async function write(path: string, signal: Signal, fill: (place: PathUri) => Promise<void>): Promise<void> {
    const target = place(path);
    const folder = parent(target);
    if (folder !== undefined) await fs.createDirectory(folder, { recursive: true, ...call(signal) });
    await fill(target);
  }

  async function spawn(given: SpawnOptions): Promise<SpawnedProcess> {
    given.abortSignal?.throwIfAborted();
    const { script, how } = commandOf(given);
    const argv = executor.shellCommand(script);
    const process = await executor.processes.start({ argv, pipeStdin: given.stdin === true, ...how });
    return given.stdin === true ? writable(process, given.abortSignal) : readable(process, given.abortSignal);
  }

  return {
    description: options.description ?? describeSession(environment, base, wanted),
    readFile: ({ path, abortSignal }) =>
      orNull(async () => {
        // Opened now, so that a file that is not there is told now.
        const { isDirectory } = await fs.metadata(place(path), call(abortSignal));
        if (isDirectory) throw new Error(`EISDIR: ${path} is a directory`);
        return fs.createReadStream(place(path), call(abortSignal));
      }),
    readBinaryFile: readFile,
    readTextFile: async ({ encoding, startLine, endLine, ...file }) => {
      const bytes = await readFile(file);
      return bytes === null ? null : linesBetween(decodeText(bytes, encoding), startLine, endLine);
    },
    writeFile: ({ path, content, abortSignal }) =>
      write(path, abortSignal, (target) =>
        content.pipeTo(fs.createWriteStream(target, call(abortSignal)), abortSignal ? { signal: abortSignal } : {}),
      ),
    writeBinaryFile: ({ path, content, abortSignal }) =>
      write(path, abortSignal, (target) => fs.writeFile(target, content, call(abortSignal))),
    writeTextFile: ({ path, content, encoding, abortSignal }) =>
      write(path, abortSignal, (target) => fs.writeFile(target, encodeText(content, encoding), call(abortSignal))),
    stat: ({ path, abortSignal }) =>
      orNull(async () => {
        const { isFile, isDirectory, size } = await fs.metadata(place(path), call(abortSignal));
        return { type: isFile ? "file" : isDirectory ? "directory" : "other", size };
      }),
    listDirectory: ({ path, abortSignal }) =>
      orNull(async () => {
        const folder = place(path);
        const names = await fs.readDirectory(folder, call(abortSignal));
        const entries = await Promise.all(
          names.map(({ name, isFile, isDirectory }) =>
            orNull(async () => {
              const looked = fs.metadata(join(folder, name), call(abortSignal));
              const { isSymlink } = await looked.catch((error: unknown) => {
                // What leads nowhere is told by its name alone; anything else is gone by now.
                if (isFileError(error) && !isFile && !isDirectory) return { isSymlink: true };
                throw error;
              });
              const type = isSymlink ? "symlink" : isFile ? "file" : isDirectory ? "directory" : "other";
              return { name, type } as const;
            }),
          ),
        );
        // What is gone by now is not there; the folder is.
        return entries.filter((entry) => entry !== null);
      }),
    deleteFile: async ({ path, abortSignal }) => {
      const removed = await orNull(async () => {
        const target = place(path);
        const { isDirectory, isSymlink } = await fs.metadata(target, call(abortSignal)).catch(asDangling);
        if (isDirectory && !isSymlink) throw new Error(`EISDIR: ${path} is a directory`);
        await fs.remove(target, call(abortSignal));
        return true;
      });
      return removed ?? false;
    },
    spawn: spawn as SandboxSession["spawn"],
    run: async (given) => {
      given.abortSignal?.throwIfAborted();
      const { script, how } = commandOf(given);
      const { exitCode, stdout, stderr } = await executor.sh(script, how);
      return { exitCode, stdout, stderr };
    },
  };
}

/** Streams are taken when they are asked for: one that is taken and never read holds its process. */
function readable(process: RunningProcess, signal: Signal): SandboxProcess {
  return {
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    ...(process.pid === undefined ? {} : { pid: process.pid }),
    wait: async () => {
      try {
        const { exitCode } = await process.exited;
        return { exitCode };
      } finally {
        signal?.throwIfAborted();
      }
    },
    kill: async () => {
      await process.terminate();
    },
  };
}

function writable(process: RunningProcess, signal: Signal): SpawnedProcess {
  const stdin = new WritableStream<Uint8Array>({
    write: (chunk) => process.write(chunk),
    close: () => process.closeStdin(),
  });
  return Object.defineProperties(readable(process, signal), {
    stdin: { value: stdin, enumerable: true },
  }) as SpawnedProcess;
}

/** A link that leads nowhere can not be looked at, and can be deleted. */
function asDangling(error: unknown): { isDirectory: boolean; isSymlink: boolean } {
  const leadsNowhere = isNotFound(error) || (isFileError(error) && error.code === "ELOOP");
  if (leadsNowhere) return { isDirectory: false, isSymlink: true };
  throw error;
}

async function orNull<Result>(read: () => Promise<Result>): Promise<Result | null> {
  try {
    return await read();
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
