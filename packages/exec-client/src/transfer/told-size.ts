const MEBIBYTE = 1024 * 1024;

/** What a small file may have grown by since its size was told, or holds where its system tells none (`/proc`). */
export const GROWTH_MIN_BYTES = 64 * 1024 * 1024;

/** Told of every block before it is stored. @throws Error - It is more than may be. */
export type Admit = (bytes: number) => void;

/**
 * Holds a copy to the sizes that the executor told: one that never ends must not fill the disk. Files grow while they are
 * copied, so all files of one copy together may bring as much again as was told, and {@link GROWTH_MIN_BYTES} in any case.
 */
export class ToldSize {
  #toldBytes = 0;
  #grownBytes = 0;

  /** @param toldBytes - Size of the file, as the executor has told it. */
  file(toldBytes: number): Admit {
    this.#toldBytes += toldBytes;
    let received = 0;
    return (bytes) => {
      const before = Math.max(received, toldBytes);
      received += bytes;
      const grown = Math.max(0, received - before);
      this.#grownBytes += grown;
      if (grown === 0 || this.#grownBytes <= this.#growthBytes) return;
      const most = `${(this.#growthBytes / MEBIBYTE).toFixed(1)} MiB that files may grow by meanwhile`;
      throw new Error(
        `it does not end: the executor told ${toldBytes} bytes, and more came than that and the ${most}; copy it again if it grew, or take what there is with \`holdfast exec -- cat\``,
      );
    };
  }

  get #growthBytes(): number {
    return Math.max(GROWTH_MIN_BYTES, this.#toldBytes);
  }
}
