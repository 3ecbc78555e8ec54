import type { RaceResult } from "./race/race.ts";

/** A race for people: what was tried, how much of it came about, and what was broken. */
export function raceLines({ seed, operations, deeds, broken }: RaceResult, seconds: number): readonly string[] {
  const sum = (tally: RaceResult["deeds"]): readonly [number, number] => {
    const all = [...tally.values()];
    return [all.reduce((total, [done]) => total + done, 0), all.reduce((total, [, tried]) => total + tried, 0)];
  };
  const list = (tally: RaceResult["deeds"]): string =>
    [...tally].map(([name, [done, tried]]) => `${name} ${done}/${tried}`).join(", ");
  const [deedsDone, deedsTried] = sum(deeds);
  const [done, tried] = sum(operations);
  return [
    `  race of ${seconds} s, seed ${seed}`,
    `    agents: ${deedsDone} of ${deedsTried} deeds came about (${list(deeds)})`,
    `    users:  ${done} of ${tried} operations went through (${list(operations)})`,
    ...broken.map((how) => `    BROKEN ${how}`),
    broken.length === 0 ? "  holds     race" : `  VIOLATED  race: ${broken.length} times`,
  ];
}
