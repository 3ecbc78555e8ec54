import type { FileHandle } from "node:fs/promises";
import type { PathUri } from "@holdfast/path-uri";
import { freeMemory } from "@holdfast/protocol-kit";
import { copyFailure } from "./copy-failure.ts";
import { FlushBehind } from "./flush-behind.ts";
import { localPlace, stageFile } from "./local-file.ts";
import { localName } from "./local-name.ts";
import { remoteMode, remoteSource } from "./remote-source.ts";
import { type Admit, ToldSize } from "./told-size.ts";
import type { Transfer } from "./transfer.ts";

const NEW_FILE_MODE = 0o666;

/** Copy a file of the executor to this machine. */
export async function download(transfer: Transfer): Promise<void> {
  const { executor, source, destination, signal } = transfer;
  const { path, size, mode: told } = await remoteSource(transfer, source);
  await using place = await localPlace(transfer, () => localName(source, path));
  const sourceMode = told ?? (await remoteMode(transfer, path));
  if (sourceMode === undefined && executor.environment.pathConvention !== "windows") {
    transfer.problems.warn(`${source.text}: the executor does not tell its permission bits`);
  }
  const mode = sourceMode ?? place.formerMode ?? NEW_FILE_MODE & ~process.umask();
  try {
    await using staged = await stageFile(place);
    using progress = transfer.progress(source.text, size);
    const advance = (bytes: number): void => progress.advance(bytes);
    await receive(transfer, path, staged.handle, { admit: new ToldSize().file(size), advance });
    signal.throwIfAborted();
    await staged.putInPlace(mode);
  } catch (error) {
    throw copyFailure(`cannot copy ${source.text} to ${destination.text}`, error);
  }
}

/** Write a file of the executor to the end of a local one, block by block. */
export async function receive(
  { executor, signal }: Pick<Transfer, "executor" | "signal">,
  path: PathUri,
  file: FileHandle,
  { admit, advance }: { readonly admit: Admit; readonly advance: (bytes: number) => void },
): Promise<void> {
  const flush = new FlushBehind(file);
  for await (const block of executor.fs.createReadStream(path, { signal })) {
    admit(block.byteLength);
    const { byteLength } = block;
    await writeAll(file, block);
    freeMemory(block);
    flush.wrote(byteLength);
    advance(byteLength);
  }
  await flush.end();
}

async function writeAll(file: FileHandle, block: Uint8Array): Promise<void> {
  for (let done = 0; done < block.byteLength; ) {
    const { bytesWritten } = await file.write(block, done);
    done += bytesWritten;
  }
}
