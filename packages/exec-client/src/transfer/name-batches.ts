import { nameOfPath } from "./remote-listing.ts";
import type { TreeEntry } from "./tree-entry.ts";

/** Names that one request takes. */
const NAMES_MAX = 65_536;
/** The same, in characters of all of them: 8 MiB. */
const NAMES_MAX_CHARACTERS = 8_388_608;

/** The names of entries from their root as the wire has them, in their order, as many at a time as one request takes. */
export function* nameBatches(entries: readonly TreeEntry[]): Generator<string[], void, undefined> {
  let batch: string[] = [];
  let characters = 0;
  for (const { path } of entries) {
    const name = nameOfPath(path);
    if (batch.length >= NAMES_MAX || (batch.length > 0 && characters + name.length > NAMES_MAX_CHARACTERS)) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(name);
    characters += name.length;
  }
  if (batch.length > 0) yield batch;
}
