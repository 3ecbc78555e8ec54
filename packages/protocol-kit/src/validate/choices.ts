import * as z from "zod";
import { isObject } from "../is-object.ts";
import type { UnknownVariant, UnknownWord } from "../unknown.ts";
import { ownValidator, passedOn, runOf } from "./own-validator.ts";
import { unexpectedType } from "./refusal-text.ts";
import { strictly, toleratesUnknown } from "./tolerance.ts";

type Arms = Readonly<Record<string, z.core.SomeType>>;

/** An object of each arm, with its name as the one member. */
type Named<Members extends Arms> = {
  [Name in keyof Members]: { [Only in Name]: z.output<Members[Name]> };
}[keyof Members];

/** One of some words. */
export function words<const Words extends readonly string[]>(listed: Words): z.ZodType<Words[number]> {
  const known = new Set<unknown>(listed);
  return ownValidator((payload) => {
    const input = payload.value;
    if (known.has(input) || (typeof input === "string" && toleratesUnknown())) return payload;
    payload.issues.push({ code: "invalid_value", values: [...listed], input });
    return payload;
  });
}

/** The first of some that fits. Where unknown words are tolerated, one that fits without that comes first. */
export function anyOf<const Arms extends readonly z.core.SomeType[]>(arms: Arms): z.ZodType<z.output<Arms[number]>> {
  return ownValidator((payload, context) => {
    const isTolerant = toleratesUnknown();
    const results = strictly(() => resultsUntilFit(arms, payload.value, context));
    const found = fitOf(results) ?? (isTolerant ? fitOf(resultsUntilFit(arms, payload.value, context)) : undefined);
    return settled(payload, found, results);
  });
}

/** The one of some that fits; two are none. Where unknown words are tolerated, it is the first that fits with that, if none does without. */
export function oneOf<const Arms extends readonly z.core.SomeType[]>(arms: Arms): z.ZodType<z.output<Arms[number]>> {
  return ownValidator((payload, context) => {
    const isTolerant = toleratesUnknown();
    const results = strictly(() => arms.map((arm) => runOf(arm, payload.value, context)));
    const [found, ...more] = results.filter(isFit);
    if (more.length > 0) return settled(payload, undefined, []);
    const tolerated =
      found === undefined && isTolerant ? fitOf(resultsUntilFit(arms, payload.value, context)) : undefined;
    return settled(payload, found ?? tolerated, results);
  });
}

/** Any text, beside words that are listed. */
export const unknownWord: z.ZodType<UnknownWord> = z.string() as z.ZodType<string> as z.ZodType<UnknownWord>;

/** Any object as it came, beside those that are listed. */
export const unknownVariant: z.ZodType<UnknownVariant> = z.custom<UnknownVariant>(isObject);

type Result = z.core.ParsePayload;

function isFit({ issues }: Result): boolean {
  return issues.length === 0;
}

function fitOf(results: readonly Result[]): Result | undefined {
  const last = results.at(-1);
  return last !== undefined && isFit(last) ? last : undefined;
}

/** What each says, up to the first that fits. */
function resultsUntilFit(
  arms: readonly z.core.SomeType[],
  value: unknown,
  context: z.core.ParseContextInternal,
): readonly Result[] {
  const results: Result[] = [];
  for (const arm of arms) {
    const result = runOf(arm, value, context);
    results.push(result);
    if (isFit(result)) break;
  }
  return results;
}

/** @param results - What each arm says, for the refusal: where one alone finds the right kind of value, it says what is wrong. */
function settled(payload: Result, fit: Result | undefined, results: readonly Result[]): Result {
  if (fit !== undefined) {
    payload.value = fit.value;
    return payload;
  }
  const [near, ...more] = results.filter((result) => !z.core.util.aborted(result));
  if (near !== undefined && more.length === 0) payload.issues.push(...near.issues);
  else payload.issues.push({ code: "invalid_union", errors: [], input: payload.value });
  return payload;
}

/**
 * Objects distinguished by a tag in one member; the variant of that tag has to fit. An unknown tag is refused by name.
 *
 * @param common - What an object with an unknown tag has to fit where these are tolerated. It is kept as it came. Default: anything.
 */
export function tagged<Members extends Arms>(
  tag: string,
  arms: Members,
  common?: z.core.SomeType,
): z.ZodType<z.output<Members[keyof Members]>> {
  const byWord = new Map(Object.entries(arms));
  const words = [...byWord.keys()];
  return passedOn((payload) => {
    const input = payload.value;
    if (!isObject(input)) {
      payload.issues.push(input === undefined ? missing(input) : wrong(input, "a map"));
      return undefined;
    }
    const word = Object.hasOwn(input, tag) ? input[tag] : undefined;
    const arm = typeof word === "string" ? byWord.get(word) : undefined;
    if (arm !== undefined) return arm;
    if (typeof word === "string" && toleratesUnknown()) return common;
    payload.issues.push(
      word === undefined ? { ...missing(word), path: [tag] } : { ...notListed(word, words), path: [tag] },
    );
    return undefined;
  });
}

/** A word by itself, or an object whose one member is named by a word. */
export function variants<const Words extends readonly string[], Members extends Arms>(
  words: Words,
  members: Members,
): z.ZodType<Words[number] | Named<Members>> {
  const plain = new Set<unknown>(words);
  const named = new Map(Object.entries(members).map(([name, schema]) => [name, single(name, schema)]));
  const all = [...words, ...named.keys()];
  return passedOn((payload) => {
    const input = payload.value;
    if (plain.has(input) || (typeof input === "string" && toleratesUnknown())) return undefined;
    if (!isObject(input)) {
      payload.issues.push(input === undefined ? missing(input) : notListed(input, all));
      return undefined;
    }
    const [name, ...more] = Object.keys(input);
    const arm = name === undefined ? undefined : named.get(name);
    if (arm !== undefined && more.length === 0) return arm;
    if (arm === undefined && name !== undefined && toleratesUnknown()) return undefined;
    if (name === undefined || more.length > 0) payload.issues.push(wrong(input, "a map with a single member"));
    else payload.issues.push(notListed(name, all));
    return undefined;
  });
}

function single(name: string, schema: z.core.SomeType): z.core.SomeType {
  return z.object({ [name]: schema });
}

function missing(input: unknown): z.core.$ZodRawIssue {
  return { code: "invalid_type", expected: "object", input };
}

function wrong(input: unknown, expected: string): z.core.$ZodRawIssue {
  return { code: "custom", message: unexpectedType(input, expected), input };
}

function notListed(input: unknown, words: readonly string[]): z.core.$ZodRawIssue {
  return { code: "invalid_value", values: [...words], input };
}
