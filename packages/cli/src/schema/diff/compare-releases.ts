import { type Change, SchemaComparison } from "./compare-schemas.ts";
import type { ReleaseDocument, ReleaseMethod, Side } from "./release-document.ts";
import { typesWithin } from "./types-within.ts";

/** Who has to do with a type: a client that sends values of it, or has to accept them. */
export type Direction = "sent" | "accepted";

/** A change, and whom it can hurt. */
export interface RatedChange extends Change {
  /** A client made for the first release, against a server of the second: what it sends is refused, or what it counts on does not come. */
  readonly breaks: readonly Direction[];
  /** Known only after the client has asked for it, in the second release or, where it is gone, in the first. */
  readonly isExperimental: boolean;
}

/** How one type differs. */
export interface TypeDifference {
  readonly type: string;
  /** Methods in which clients send it. */
  readonly sentIn: readonly string[];
  /** Methods in which clients have to accept it. */
  readonly acceptedIn: readonly string[];
  readonly changes: readonly RatedChange[];
}

/** A method that only one of the two has, and whether that can hurt a client made for the first at a server of the second. */
export interface RatedMethod extends ReleaseMethod {
  readonly breaks: boolean;
}

/** A method of which something else than its types differs. */
export interface MethodDifference {
  readonly method: string;
  readonly change: "no longer experimental" | "experimental now" | "takes params now" | "takes no params any more";
}

/** How a release differs from an earlier one. */
export interface ReleaseDifference {
  readonly from: string;
  readonly to: string;
  readonly methods: {
    readonly added: readonly RatedMethod[];
    readonly removed: readonly RatedMethod[];
    readonly changed: readonly MethodDifference[];
  };
  /** Types that methods of both use. */
  readonly types: readonly TypeDifference[];
}

export function compareReleases(before: ReleaseDocument, after: ReleaseDocument): ReleaseDifference {
  const [earlier, later] = [byName(before.methods), byName(after.methods)];
  const kept = after.methods.filter(({ name }) => earlier.has(name));
  return {
    from: before.release,
    to: after.release,
    methods: {
      // A client has to answer what it is asked, and misses what it asks for.
      added: sorted(after.methods.filter(({ name }) => !earlier.has(name))).map(rated("server")),
      removed: sorted(before.methods.filter(({ name }) => !later.has(name))).map(rated("client")),
      changed: sorted(kept).flatMap((method) => methodChanges(earlier.get(method.name) ?? method, method)),
    },
    types: typeDifferences(before, after, kept),
  };
}

function rated(side: Side): (method: ReleaseMethod) => RatedMethod {
  return (method) => ({ ...method, breaks: method.kind === "request" && method.from === side });
}

function methodChanges(before: ReleaseMethod, after: ReleaseMethod): readonly MethodDifference[] {
  const method = after.name;
  const changes: MethodDifference[] = [];
  if (before.isExperimental !== after.isExperimental) {
    changes.push({ method, change: after.isExperimental ? "experimental now" : "no longer experimental" });
  }
  if ((before.params === null) !== (after.params === null)) {
    changes.push({ method, change: after.params === null ? "takes no params any more" : "takes params now" });
  }
  return changes;
}

function typeDifferences(
  before: ReleaseDocument,
  after: ReleaseDocument,
  kept: readonly ReleaseMethod[],
): readonly TypeDifference[] {
  const uses = new Map<string, Record<Direction, string[]>>();
  for (const document of [before, after]) {
    for (const method of document.methods.filter(({ name }) => kept.some((each) => each.name === name))) {
      for (const [root, direction] of rootsOf(method)) {
        for (const type of typesWithin(root, document.types)) {
          const use = uses.get(type) ?? { sent: [], accepted: [] };
          if (!use[direction].includes(method.name)) use[direction].push(method.name);
          uses.set(type, use);
        }
      }
    }
  }
  const comparison = new SchemaComparison(before.types, after.types);
  return [...uses]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([type, { sent, accepted }]) => {
      const [old, now] = [before.types[type], after.types[type]];
      if (old === undefined || now === undefined) return [];
      const changes = comparison.compare(old, now).map((change): RatedChange => {
        const members = change.kind === "removed" ? before.experimentalMembers : after.experimentalMembers;
        const directions = [
          ...(sent.length > 0 ? ["sent" as const] : []),
          ...(accepted.length > 0 ? ["accepted" as const] : []),
        ];
        return {
          ...change,
          breaks: directions.filter((direction) => breaks(change, direction)),
          isExperimental: members.includes(type + change.path),
        };
      });
      return changes.length === 0 ? [] : [{ type, sentIn: sent.sort(), acceptedIn: accepted.sort(), changes }];
    });
}

/** The types that a method begins with, and what clients do with each. */
function rootsOf({ from, params, result }: ReleaseMethod): readonly (readonly [string, Direction])[] {
  const towards = (side: Side): Direction => (side === "client" ? "sent" : "accepted");
  return [
    ...(params === null ? [] : [[params, towards(from)] as const]),
    ...(result === null ? [] : [[result, towards(from === "client" ? "server" : "client")] as const]),
  ];
}

/** Whether a client that knows only the first release can be hurt by it at a server of the second. */
function breaks({ kind, isRequired = false, what }: Change, direction: Direction): boolean {
  if (direction === "sent") {
    // A member that servers know no more does nothing any more: what was asked for does not happen.
    return kind === "narrowed" || (kind === "added" && isRequired) || (kind === "removed" && !isWord(what));
  }
  return kind === "widened" || (kind === "removed" && isRequired);
}

function isWord(what: string): boolean {
  return what.startsWith('"');
}

function byName(methods: readonly ReleaseMethod[]): ReadonlyMap<string, ReleaseMethod> {
  return new Map(methods.map((method) => [method.name, method]));
}

function sorted(methods: readonly ReleaseMethod[]): readonly ReleaseMethod[] {
  return methods.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
