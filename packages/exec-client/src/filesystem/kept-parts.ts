import type { PathUri } from "@holdfast/path-uri";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import type { FileOperations } from "./file-operations.ts";
import type { FilePart, FileParts } from "./file-parts.ts";
import { HandleParts } from "./handle-parts.ts";
import type { Keeper } from "./keeper.ts";
import { MessageParts } from "./message-parts.ts";

/** What files are written with on executors that stage nothing themselves. */
export interface PartsPort {
  readonly fs: Pick<FileOperations, "open" | "writeFile" | "copy" | "metadata">;
  /** Capability `fileWriteStreaming`. */
  readonly canStream: boolean;
}

/**
 * The parts of a file in the folder of a keeper. Each has an unpredictable name, so that nothing else can be there
 * when it comes into being.
 */
export class KeptParts {
  readonly parts: FileParts;
  readonly #keeper: Keeper;
  readonly #signal: AbortSignal | undefined;
  readonly #fs: PartsPort["fs"];
  readonly #names: string[] = [];
  #copied: FilePart | undefined;

  constructor(keeper: Keeper, { fs, canStream }: PartsPort, signal: AbortSignal | undefined) {
    this.#keeper = keeper;
    this.#signal = signal;
    this.#fs = fs;
    this.parts = canStream
      ? new HandleParts((index) => fs.open(this.#pathOf(index), { mode: "replace", signal }), { canGoOn: true })
      : new MessageParts((index, data) => fs.writeFile(this.#pathOf(index), data, { signal }));
  }

  get isCopied(): boolean {
    return this.#copied !== undefined;
  }

  /** Make the only part a copy of a file on the executor. */
  async copyFrom(source: PathUri): Promise<void> {
    const call = { signal: this.#signal };
    const part = this.#pathOf(0);
    await retryAcrossReconnects(() => this.#fs.copy(source, part, call));
    this.#copied = { index: 0, bytes: (await this.#fs.metadata(part, call)).size };
  }

  /** How the keeper is told of all of them: bytes, a name to join them under, names and bytes. */
  async words(): Promise<readonly string[]> {
    const written = this.#copied === undefined ? await this.parts.finish() : [this.#copied];
    this.#signal?.throwIfAborted();
    const total = written.reduce((sum, { bytes }) => sum + bytes, 0);
    const each = written.flatMap(({ index, bytes }: FilePart) => [this.#nameOf(index), String(bytes)]);
    return [String(total), this.#keeper.freshName(), ...each];
  }

  #nameOf(index: number): string {
    this.#names[index] ??= this.#keeper.freshName();
    return this.#names[index];
  }

  #pathOf(index: number): PathUri {
    return this.#keeper.pathOf(this.#nameOf(index));
  }
}
