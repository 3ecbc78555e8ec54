import type {
  Direction,
  RatedChange,
  RatedMethod,
  ReleaseDifference,
  TypeDifference,
} from "./diff/compare-releases.ts";

/** How many methods of a type are named. */
const NAMED_MAX = 3;

const MARKS = { added: "+", removed: "-", narrowed: "<", widened: ">" } as const;

/** For people: methods first, then what clients send, then what they accept. */
export function differenceText(difference: ReleaseDifference): string {
  const { from, to, methods, types } = difference;
  const lines = [
    `app-server ${from} -> ${to}`,
    "",
    `Methods (${count(methods.added.length, "added")}, ${count(methods.removed.length, "removed")}, ${count(methods.changed.length, "changed")})`,
    ...methods.removed.map((method) => methodText("-", method)),
    ...methods.changed.map(({ method, change }) => `  ~ ${method}: ${change}`),
    ...methods.added.map((method) => methodText("+", method)),
    ...section("What a client may send", "sent", types),
    ...section("What a client must accept", "accepted", types),
  ];
  return `${lines.join("\n")}\n`;
}

function count(number: number, what: string): string {
  return `${number} ${what}`;
}

function methodText(mark: string, { name, kind, from, isExperimental, breaks }: RatedMethod): string {
  return `${breaks ? "!" : " "} ${mark} ${name} (${from} ${kind}${isExperimental ? ", experimental" : ""})`;
}

function section(title: string, direction: Direction, types: readonly TypeDifference[]): readonly string[] {
  const concerned = types.filter((type) => usesOf(type, direction).length > 0);
  const lines = concerned.flatMap((type) => [
    `  ${type.type}  (${usesText(usesOf(type, direction))})`,
    ...type.changes.map((change) => changeText(change, direction)),
  ]);
  return ["", `${title} (${count(concerned.length, "types")})`, ...lines];
}

function usesOf({ sentIn, acceptedIn }: TypeDifference, direction: Direction): readonly string[] {
  return direction === "sent" ? sentIn : acceptedIn;
}

function usesText(methods: readonly string[]): string {
  const named = methods.slice(0, NAMED_MAX).join(", ");
  return methods.length > NAMED_MAX ? `${named} and ${methods.length - NAMED_MAX} more` : named;
}

function changeText({ path, kind, what, breaks, isExperimental }: RatedChange, direction: Direction): string {
  const place = path === "" ? "" : `${path}: `;
  const experimental = isExperimental ? ", experimental" : "";
  return `${breaks.includes(direction) ? "!" : " "}   ${MARKS[kind]} ${place}${what}${experimental}`;
}
