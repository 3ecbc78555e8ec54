import type { Look } from "./descendant-sweep.ts";
import type { Descendant } from "./sweep.ts";

/** Numbers are handed out in blocks, so that a session remembers few of them however many processes it starts. */
const BLOCK = 1_000;
const BLOCKS = 1_000_000;

const taken = new Set<number>();
let lastBlock = 0;

/** The next free block. The first is never given out: its first number means none. */
function takeBlock(): number {
  do lastBlock = (lastBlock % (BLOCKS - 1)) + 1;
  while (taken.has(lastBlock) && taken.size < BLOCKS - 1);
  taken.add(lastBlock);
  return lastBlock;
}

/** The blocks of all sessions, those included whose descendants are being ended. */
export function takenBlocks(): readonly number[] {
  return [...taken];
}

/** Blocks that another program in this very process has given out: they are not given out again. */
export function takeBlocks(blocks: readonly number[]): void {
  for (const block of blocks) taken.add(block);
  lastBlock = Math.max(lastBlock, ...blocks);
}

/** The numbers of a session that another program goes on with. */
export interface HandedDescent {
  readonly blocks: readonly number[];
  readonly next: number;
  readonly left: number;
}

/** What finds and ends descendants. */
export interface DescentGuardian {
  end(isDoomed: (serial: number) => boolean): Promise<void>;
  look(): Promise<Look | undefined>;
  askToEnd(descendant: Descendant): void;
}

/** Looks after which none is left that were not sure, because processes come and go all the time. */
const UNSURE_LOOKS_MAX = 5;

/**
 * The numbers that the starts of one session are marked with.
 *
 * They stay the session's until its descendants are ended, also when the process was forgotten long before.
 */
export class Descent {
  readonly #guardian: DescentGuardian;
  readonly #blocks: Set<number>;
  #next: number;
  #left: number;

  constructor(guardian: DescentGuardian, { blocks, next, left }: HandedDescent = { blocks: [], next: 0, left: 0 }) {
    this.#guardian = guardian;
    this.#blocks = new Set(blocks);
    this.#next = next;
    this.#left = left;
  }

  /** For the next program. */
  handOver(): HandedDescent {
    return { blocks: [...this.#blocks], next: this.#next, left: this.#left };
  }

  /** A number for one start. */
  newSerial(): number {
    if (this.#left === 0) {
      const block = takeBlock();
      this.#blocks.add(block);
      this.#next = block * BLOCK;
      this.#left = BLOCK;
    }
    this.#left -= 1;
    return this.#next++;
  }

  /** End the descendants of one start, wherever they went. Resolves when none is left or can be reached. */
  async endStart(serial: number): Promise<void> {
    await this.#guardian.end((each) => each === serial);
  }

  /**
   * Ask the descendants of one start to end that are not in its group.
   *
   * @param group - The group that was asked already, or has been by an earlier call: each is asked once.
   * @param asked - Those that were asked; it is added to.
   * @returns whether descendants are left, in the group or not; undefined where that can't be told.
   */
  async askLeft(serial: number, group: number, asked: Set<number>): Promise<boolean | undefined> {
    for (let looks = 0; looks < UNSURE_LOOKS_MAX; looks += 1) {
      const look = await this.#guardian.look();
      if (look === undefined) return undefined;
      const left = look.found.filter((each) => each.serial === serial);
      for (const each of left) {
        if (each.group === group || asked.has(each.pid)) continue;
        asked.add(each.pid);
        this.#guardian.askToEnd(each);
      }
      if (left.length > 0) return true;
      if (look.isSure) return false;
    }
    return false;
  }

  /** End the descendants of all its starts. The numbers are free for others afterwards. */
  endAll(): void {
    if (this.#blocks.size === 0) return;
    const blocks = this.#blocks;
    void this.#guardian
      .end((serial) => blocks.has(Math.floor(serial / BLOCK)))
      .then(() => {
        for (const block of blocks) taken.delete(block);
      });
  }
}
