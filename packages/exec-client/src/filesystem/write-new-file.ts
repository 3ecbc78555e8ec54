import { Base64Bytes } from "@holdfast/exec-server-protocol";
import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { join, type PathUri, parent } from "@holdfast/path-uri";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { randomUuid } from "../random-uuid.ts";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import { type CommandHost, placeNew } from "./command-entries.ts";
import type { EntryCall } from "./entry-port.ts";
import type { FileOperations } from "./file-operations.ts";
import type { StagedFile } from "./staged-file.ts";
import { wireEntries } from "./wire-entries.ts";

/** How to begin a file. */
export interface StageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly noReplace?: boolean;
}

/** What making a file where none may be needs. */
export interface NewFilePort {
  readonly fs: Pick<FileOperations, "remove">;
  readonly stub: Pick<ExecServerClient, "holdfast">;
  /** Capability `holdfastFiles`. */
  readonly canChangeEntries: boolean;
  /** Capability `holdfastStaging`. */
  readonly canStage: boolean;
  /** Capability `holdfastNoReplace`. */
  readonly canRefuseToReplace: boolean;
  readonly commands: CommandHost | undefined;
  stage(path: PathUri, options: StageOptions): Promise<StagedFile>;
}

/** With whose rights, and which permission bits it gets. */
export type NewFileOptions = EntryCall & { readonly mode: number | undefined };

/**
 * Begin a file that is put in place where nothing has the name, and refused else. For one that is too large for one message, or for an
 * executor that makes none at once.
 */
export async function stageNewFile(port: NewFilePort, path: PathUri, options: NewFileOptions): Promise<StagedFile> {
  const { signal, timeoutMs, sandbox, mode } = options;
  if (!port.canChangeEntries) return placedWhenWritten(port, path, options);
  if (sandbox === undefined) {
    // What else puts a file in place replaces what is there.
    return port.canStage ? port.stage(path, { signal, noReplace: true }) : placedWhenWritten(port, path, options);
  }
  // Under a sandbox a file is written in place: it is taken first, with its permission bits.
  const empty = { path, sandbox, chunk: new Base64Bytes(new Uint8Array(0)), exclusive: true };
  await port.stub.holdfast.writeFile({ ...empty, ...(mode === undefined ? {} : { mode }) }, { signal, timeoutMs });
  return orRemoved(port, path, options, async (file) => (await file.commit()) || true);
}

/** Written beside its place, under a name that nobody can foresee, and given its own when it is whole. */
async function placedWhenWritten(port: NewFilePort, path: PathUri, options: NewFileOptions): Promise<StagedFile> {
  const { canChangeEntries, canRefuseToReplace, commands, stub } = port;
  const folder = parent(path);
  const canRename = canChangeEntries && canRefuseToReplace;
  if (folder === undefined || !(canRename || commands)) {
    throw new UnsupportedError(
      `${options.method} with flag wx`,
      "the capabilities `holdfastFiles` and `holdfastStaging`",
    );
  }
  const beside = join(folder, `.holdfast-${randomUuid()}`);
  return orRemoved(port, beside, options, async (file) => {
    const isModeSet = await file.commit();
    if (commands !== undefined && !canRename) {
      await placeNew(commands, beside, path, options);
      return true;
    }
    await wireEntries(stub, { canRefuse: true }).rename(beside, path, { noReplace: true }, options);
    return isModeSet;
  });
}

/** A file whose permission bits are the matter of another step, and of which nothing remains when it is not put in place. */
async function orRemoved(
  port: NewFilePort,
  path: PathUri,
  { signal, sandbox }: NewFileOptions,
  commit: (file: StagedFile) => Promise<boolean>,
): Promise<StagedFile> {
  const remove = async (): Promise<void> => {
    const confined = sandbox === undefined ? {} : { sandbox };
    await retryAcrossReconnects(() => port.fs.remove(path, { force: true, ...confined })).catch(() => {});
  };
  let file: StagedFile;
  try {
    file = await port.stage(path, { signal });
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    blocks: file.blocks,
    commit: () => commit(file),
    discard: async () => {
      await file.discard();
      await remove();
    },
  };
}
