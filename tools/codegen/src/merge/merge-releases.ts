import type { ImportedSource } from "../api.ts";
import { type ImportedTypes, methodsOf } from "../read/imported.ts";
import type { MethodTable } from "../read/method-table.ts";
import { readShape } from "../schema/read-shape.ts";
import type { Shape } from "../schema/shape.ts";
import { Types } from "../schema/types.ts";
import { defaultsOf } from "./defaults.ts";
import { History, type ReleaseShapes } from "./history.ts";
import { mergeMethods } from "./merge-methods.ts";
import { mergeShapes } from "./merge-shapes.ts";

/** What several releases of an API are together. */
export interface MergedApi {
  readonly types: Types;
  readonly methods: MethodTable;
  readonly history: History;
  /**
   * Members that peers know only after both have said so, as `Type.member`, and arms, as `Type[tag=word]`: with the first release for which
   * that is over, or undefined.
   */
  readonly experimental: ReadonlyMap<string, string | undefined>;
  /** What members mean that are absent, as JSON. */
  readonly defaults: ReadonlyMap<string, string>;
}

/**
 * Make one API of its releases, oldest first: the newest is the shape, and what only an older one has stays.
 *
 * @throws Error for a place where two releases differ in kind, unless the description of the API gives a reason.
 */
export function mergeReleases(source: ImportedSource, releases: readonly ImportedTypes[]): MergedApi {
  const read = releases.map(({ release, types }): ReleaseShapes => {
    return { release, shapes: new Map([...types].map(([name, schema]) => [name, readShape(schema, name)])) };
  });
  const history = new History(read);
  const choices = new Set<string>();
  const shapes = mergeAll(read, (place) => void choices.add(place));
  checkChoices(choices, source.choices);
  return {
    types: new Types(new Map([...shapes].toSorted(([a], [b]) => (a < b ? -1 : 1)))),
    methods: mergeMethods(releases.map((each) => ({ ...each, methods: methodsOf(source, each) }))),
    history,
    experimental: experimentalIn(releases, history),
    defaults: defaultsOf(releases.map((release) => release.types)),
  };
}

function experimentalIn(releases: readonly ImportedTypes[], history: History): Map<string, string | undefined> {
  const places = new Set(releases.flatMap(({ experimentalMembers }) => experimentalMembers));
  return new Map(
    [...places].sort().map((place) => {
      const last = releases.findLastIndex(({ experimentalMembers }) => experimentalMembers.includes(place));
      const next = releases[last + 1]?.release;
      // A member that is gone has not become stable.
      return [place, next === history.lifetime(place)?.removedIn ? undefined : next];
    }),
  );
}

function checkChoices(found: ReadonlySet<string>, known: ImportedSource["choices"]): void {
  const unknown = [...found].find((place) => !Object.hasOwn(known, place));
  if (unknown !== undefined)
    throw new Error(`${unknown} differs in kind between releases, and no reason is given for a choice of both`);
  const gone = Object.keys(known).find((place) => !found.has(place));
  if (gone !== undefined)
    throw new Error(`${gone} does not differ in kind between releases, and a reason is given for it`);
}

function mergeAll(releases: readonly ReleaseShapes[], onChoice: (place: string) => void): Map<string, Shape> {
  let merged = new Map<string, Shape>();
  for (const { shapes: newer } of releases) {
    const older = merged;
    merged = new Map(older);
    for (const [name, shape] of newer) {
      const before = older.get(name);
      merged.set(name, before === undefined ? shape : mergeShapes(before, shape, name, { older, newer, onChoice }));
    }
  }
  return merged;
}
