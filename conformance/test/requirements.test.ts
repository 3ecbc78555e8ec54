import { expect, test } from "vitest";
import { readRejected } from "../src/corpus.ts";
import { CORPUS_EXCEPTIONS, EXPECTED_FAILURES } from "../src/expected-failures.ts";
import { namedEntries } from "../src/expected-judgements.ts";
import { REQUIREMENTS } from "../src/requirements.ts";
import { SCENARIOS } from "../src/scenarios/index.ts";

const rejected = (await readRejected()).flatMap(({ entries }) => entries);
const cited = new Set<string>([
  ...SCENARIOS.flatMap(({ requirements }) => requirements),
  ...rejected.map(({ requirement }) => requirement),
]);

test("every requirement is cited by a scenario or a message", () => {
  expect(Object.keys(REQUIREMENTS).filter((id) => !cited.has(id))).toEqual([]);
});

test("nothing cites a requirement that does not exist", () => {
  expect([...cited].filter((id) => !Object.hasOwn(REQUIREMENTS, id))).toEqual([]);
});

test("every requirement says what and where", () => {
  for (const [id, { behaviour, section }] of Object.entries(REQUIREMENTS)) {
    expect(behaviour, id).toMatch(/^[A-Za-z].*\.$/);
    expect(section, id).toMatch(/^(((sandbox|orchestrator|release-0\.171) )?\d+(\.\d+)?|holdfast)$/);
  }
});

test("scenario ids are unique and begin with their direction", () => {
  const ids = SCENARIOS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, direction } of SCENARIOS) expect(id).toMatch(new RegExp(`^${direction}\\.[a-z0-9-]+$`));
});

test("excuses name scenarios and messages that exist, and say why", () => {
  const ids: readonly string[] = SCENARIOS.map(({ id }) => id);
  expect(EXPECTED_FAILURES.filter(({ scenario }) => !ids.includes(scenario))).toEqual([]);
  expect(namedEntries().filter((id) => !rejected.some((entry) => entry.id === id))).toEqual([]);
  for (const { reason } of [...EXPECTED_FAILURES, ...CORPUS_EXCEPTIONS]) expect(reason.length).toBeGreaterThan(10);
});
