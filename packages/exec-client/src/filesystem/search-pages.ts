import { InvalidMessageError } from "@holdfast/exec-server-protocol";

/**
 * Pages of a search in a row that may tell nothing. An executor of this project looks for a quarter of a second before it answers with
 * such a page: for seven hours. One that answers at once with them is not searching.
 */
const FRUITLESS_PAGES_MAX = 100_000;

/** Goes from page to page of a search, as long as the executor gets on with it. */
export class SearchPages {
  readonly #method: string;
  #cursor: string | undefined;
  #fruitless = 0;

  constructor(method: string) {
    this.#method = method;
  }

  /** Where the next page begins; undefined: at the beginning. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /**
   * Look at the end of a page.
   *
   * @param found - What the page has told.
   * @returns false where it was the last.
   * @throws InvalidMessageError - It leads back to itself, or to nothing for too long.
   */
  advance(cursor: string | null | undefined, found: number): boolean {
    if (cursor === undefined || cursor === null) return false;
    if (cursor === this.#cursor) throw this.#stuck("the next page is the same one again");
    this.#cursor = cursor;
    this.#fruitless = found === 0 ? this.#fruitless + 1 : 0;
    if (this.#fruitless > FRUITLESS_PAGES_MAX) {
      throw this.#stuck(`more than ${FRUITLESS_PAGES_MAX} pages in a row have told nothing`);
    }
    return true;
  }

  #stuck(message: string): InvalidMessageError {
    return new InvalidMessageError(this.#method, "result", { message, path: ["cursor"] });
  }
}
