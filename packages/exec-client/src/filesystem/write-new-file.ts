import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { join, type PathUri, parent } from "@holdfast/path-uri";
import type { Clock } from "@holdfast/rpc";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { randomUuid } from "../random-uuid.ts";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import { type CommandHost, placeNew } from "./command-entries.ts";
import type { EntryCall } from "./entry-port.ts";
import type { FileOperations } from "./file-operations.ts";
import { writeLargeFile } from "./large-files.ts";
import type { StagedFile } from "./staged-file.ts";

/** How to begin a file. */
export interface StageOptions {
  readonly signal: AbortSignal;
  readonly noReplace?: boolean;
}

/** What making a file where none may be needs. */
export interface NewFilePort {
  readonly fs: Pick<FileOperations, "remove">;
  readonly stub: Pick<ExecServerClient, "holdfast">;
  /** Capability `holdfastFiles`. */
  readonly canChangeEntries: boolean;
  readonly commands: CommandHost | undefined;
  readonly clock: Clock;
  stage(path: PathUri, options: StageOptions): Promise<StagedFile>;
}

type Content = Uint8Array | ((signal: AbortSignal) => AsyncIterable<Uint8Array>);
type Options = Omit<EntryCall, "method"> & { readonly mode: number | undefined };

const METHOD = "fs.writeFile";

/** A file that is too large for one message, or for an executor that makes none at once, where nothing may have the name. */
export async function writeNewFile(
  port: NewFilePort,
  path: PathUri,
  content: Content,
  options: Options,
): Promise<void> {
  if (!port.canChangeEntries) return placeWhenWritten(port, path, content, options);
  const { sandbox } = options;
  const { signal, timeoutMs, mode } = options;
  const patience = { signal, timeoutMs, clock: port.clock };
  if (sandbox === undefined) {
    return writeLargeFile((giveUp) => port.stage(path, { signal: giveUp, noReplace: true }), content, patience);
  }
  // Under a sandbox a file is written in place: it is taken first, with its permission bits.
  const empty = { path, sandbox, chunk: new Base64Bytes(new Uint8Array(0)), exclusive: true };
  await port.stub.holdfast.writeFile({ ...empty, ...(mode === undefined ? {} : { mode }) }, { signal, timeoutMs });
  await orRemoved(port, path, options, () =>
    writeLargeFile((giveUp) => withModeSet(port.stage(path, { signal: giveUp })), content, patience),
  );
}

/** Written beside its place, under a name that nobody can foresee, and given its own when it is whole. */
async function placeWhenWritten(port: NewFilePort, path: PathUri, content: Content, options: Options): Promise<void> {
  const { commands } = port;
  const folder = parent(path);
  if (commands === undefined || folder === undefined) {
    throw new UnsupportedError(`${METHOD} with flag wx`, "the capability `holdfastFiles`");
  }
  const { signal, timeoutMs, mode } = options;
  const beside = join(folder, `.holdfast-${randomUuid()}`);
  await orRemoved(port, beside, options, async () => {
    const patience = { signal, timeoutMs, clock: port.clock };
    await writeLargeFile((giveUp) => withModeSet(port.stage(beside, { signal: giveUp })), content, patience);
    await placeNew(commands, beside, path, { ...options, method: METHOD, mode });
  });
}

async function orRemoved(
  { fs }: NewFilePort,
  path: PathUri,
  { sandbox }: Options,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    const confined = sandbox === undefined ? {} : { sandbox };
    await retryAcrossReconnects(() => fs.remove(path, { force: true, ...confined })).catch(() => {});
    throw error;
  }
}

/** Its permission bits are the matter of another step. */
async function withModeSet(staging: Promise<StagedFile>): Promise<StagedFile> {
  const { blocks, commit, discard } = await staging;
  return { blocks, discard, commit: async () => (await commit()) || true };
}
