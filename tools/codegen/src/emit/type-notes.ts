import type { MergedApi } from "../merge/merge-releases.ts";
import { rowsOf } from "../read/method-table.ts";
import type { Shape } from "../schema/shape.ts";
import type { TypeNotes } from "./types.ts";

function until(release: string | undefined): string {
  return release === undefined ? "" : ` until ${release}`;
}

/** What is to be said of the types of a merged API: since when they and their parts are there, and what may come. */
export function typeNotes(
  { types, methods, history, experimental, defaults }: MergedApi,
  oldest: string,
  unknown: string,
): TypeNotes {
  const received = [
    ...rowsOf(methods, "request", "client").map(({ result }) => result),
    ...rowsOf(methods, "request", "server").map(({ params }) => params),
    ...rowsOf(methods, "notice", "server").map(({ params }) => params),
  ];
  const open = new Set(
    types.reachedFrom(
      received.filter((name) => name !== null),
      () => false,
    ),
  );
  return {
    unknown,
    isOpen: (type) => open.has(type),
    commentOn(place, shape, isOptional) {
      const [type = ""] = place.split(/[.=[]/);
      const own = history.lifetime(place);
      if (own === undefined) return undefined;
      const from = place === type ? { since: oldest, removedIn: undefined } : history.lifetime(type);
      const required = isOptional ? history.requiredSince(place) : undefined;
      const byDefault = isOptional ? defaults.get(place) : undefined;
      const said = [
        ...(byDefault === undefined ? [] : [`Default \`${byDefault}\`.`]),
        ...(own.since === from?.since ? [] : [`Since ${own.since}${required === own.since ? ", required" : ""}.`]),
        ...(required === undefined || required === own.since ? [] : [`Required since ${required}.`]),
        ...(experimental.has(place) ? [`Experimental${until(experimental.get(place))}.`] : []),
        ...wordNotes(place, shape),
      ].join(" ");
      const removed = own.removedIn === from?.removedIn ? [] : [`@deprecated Removed in ${own.removedIn}.`];
      const parts = [...(said === "" ? [] : [said]), ...removed];
      return parts.length === 0 ? undefined : parts.join("\n\n");
    },
  };

  /** Which of the words are of some releases only. */
  function wordNotes(place: string, shape: Shape): readonly string[] {
    if (shape.kind === "nullable") return wordNotes(place, shape.of);
    const words = shape.kind === "words" || shape.kind === "variants" ? shape.words : [];
    const whole = history.lifetime(place);
    const byLife = new Map<string, string[]>();
    for (const word of words) {
      const own = history.lifetime(`${place}=${word}`);
      const life = [
        ...(own === undefined || own.since === whole?.since ? [] : [`since ${own.since}`]),
        ...(own === undefined || own.removedIn === whole?.removedIn ? [] : [`until ${own.removedIn}`]),
      ].join(" ");
      if (life !== "") byLife.set(life, [...(byLife.get(life) ?? []), `\`${word}\``]);
    }
    return [...byLife].map(([life, listed]) => `${life[0]?.toUpperCase()}${life.slice(1)}: ${listed.join(", ")}.`);
  }
}
