import { FileSystemFault } from "../filesystem/index.ts";

/** Ids that are remembered; more than a client has on its way at a time. */
const REMEMBERED = 4_096;

/** What was on its way when its executor was replaced, so that its client is told that and not that there never was anything. */
export class Interrupted {
  readonly #ids = new Set<string>();

  add(ids: Iterable<string>): void {
    for (const id of ids) this.#ids.add(id);
    for (const oldest of this.#ids) {
      if (this.#ids.size <= REMEMBERED) return;
      this.#ids.delete(oldest);
    }
  }

  /** It was begun again. */
  delete(id: string): void {
    this.#ids.delete(id);
  }

  all(): readonly string[] {
    return [...this.#ids];
  }

  /** Why nothing is there under an id. @param unknown - What is said of one that never was there. */
  faultOf(id: string, unknown: string): FileSystemFault {
    if (!this.#ids.has(id)) return new FileSystemFault("not-found", unknown);
    return new FileSystemFault("other", `the executor was replaced while \`${id}\` was on its way; begin it again`);
  }
}
