import type { Shape } from "../schema/shape.ts";

/** When something was there. */
export interface Lifetime {
  /** The first of the releases that has it. */
  readonly since: string;
  /** The first release after the last that has it; undefined when the newest does. */
  readonly removedIn: string | undefined;
}

/** The types of one release. */
export interface ReleaseShapes {
  readonly release: string;
  readonly shapes: ReadonlyMap<string, Shape>;
}

/**
 * When each type, member, word and arm was there, by its place: `Thread`, `Thread.extra`, `SortKey=name`,
 * `ThreadItem[type=sleep]`.
 *
 * @param releases - Oldest first.
 */
export class History {
  readonly #releases: readonly string[];
  readonly #seen = new Map<string, boolean[]>();
  readonly #required = new Map<string, boolean[]>();

  constructor(releases: readonly ReleaseShapes[]) {
    this.#releases = releases.map(({ release }) => release);
    for (const [index, { shapes }] of releases.entries()) {
      for (const [name, shape] of shapes) this.#look(shape, name, index);
    }
  }

  /** Undefined for what is in no release. */
  lifetime(place: string): Lifetime | undefined {
    const seen = this.#both(this.#seen, place);
    const since = seen === undefined ? undefined : this.#releases[seen.indexOf(true)];
    if (seen === undefined || since === undefined) return undefined;
    return { since, removedIn: this.#releases[seen.lastIndexOf(true) + 1] };
  }

  /** The first release from which on a member is always there; undefined for one that may be absent in the newest. */
  requiredSince(place: string): string | undefined {
    const required = this.#both(this.#required, place) ?? [];
    return this.#releases[this.#releases.findLastIndex((_, index) => required[index] !== true) + 1];
  }

  /** An arm that was a record by itself once had the same members then. */
  #both(places: ReadonlyMap<string, boolean[]>, place: string): boolean[] | undefined {
    const found = places.get(place);
    if (!place.includes("[")) return found;
    const alone = places.get(place.replace(/\[([^=\]]*)=[^\]]*\]$/, ".$1").replace(/\[[^\]]*\]/g, ""));
    return alone === undefined
      ? found
      : this.#releases.map((_, index) => [found, alone].some((seen) => seen?.[index] === true));
  }

  #look(shape: Shape, place: string, index: number): void {
    note(this.#seen, place, index);
    switch (shape.kind) {
      case "nullable":
        this.#look(shape.of, place, index);
        return;
      case "list":
        this.#look(shape.items, place, index);
        return;
      case "union":
      case "exclusive":
        for (const arm of shape.arms) this.#look(arm, place, index);
        return;
      case "words":
        for (const word of shape.words) note(this.#seen, `${place}=${word}`, index);
        return;
      case "record":
        for (const member of shape.members) {
          if (member.isRequired) note(this.#required, `${place}.${member.name}`, index);
          this.#look(member.shape, `${place}.${member.name}`, index);
        }
        return;
      case "tagged":
        for (const [word, records] of shape.arms) {
          for (const record of records) this.#look(record, `${place}[${shape.tag}=${word}]`, index);
        }
        return;
      case "variants":
        for (const word of shape.words) note(this.#seen, `${place}=${word}`, index);
        for (const [name, member] of shape.members) this.#look(member, `${place}.${name}`, index);
        return;
      default:
    }
  }
}

function note(places: Map<string, boolean[]>, place: string, index: number): void {
  const seen = places.get(place) ?? [];
  seen[index] = true;
  places.set(place, seen);
}
