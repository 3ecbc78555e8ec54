import * as z from "zod";
import { isObject } from "../is-object.ts";
import { ownValidator, runOf } from "./own-validator.ts";
import { unexpectedType } from "./refusal-text.ts";

type Arms = Readonly<Record<string, z.core.SomeType>>;

/** An object of each arm, with its name as the one member. */
type Named<Members extends Arms> = {
  [Name in keyof Members]: { [Only in Name]: z.output<Members[Name]> };
}[keyof Members];

/** Lets another validator decide in place of this one. */
function passedOn<T>(choose: (payload: z.core.ParsePayload) => z.core.SomeType | undefined): z.ZodType<T> {
  return ownValidator((payload, context) => {
    const chosen = choose(payload);
    return chosen === undefined ? payload : runOf(chosen, payload.value, context);
  });
}

/** Objects distinguished by a tag in one member; the variant of that tag has to fit. An unknown tag is refused by name. */
export function tagged<Members extends Arms>(tag: string, arms: Members): z.ZodType<z.output<Members[keyof Members]>> {
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
    payload.issues.push(
      word === undefined ? { ...missing(word), path: [tag] } : { ...unknownWord(word, words), path: [tag] },
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
    if (plain.has(input)) return undefined;
    if (!isObject(input)) {
      payload.issues.push(input === undefined ? missing(input) : unknownWord(input, all));
      return undefined;
    }
    const [name, ...more] = Object.keys(input);
    const arm = name === undefined ? undefined : named.get(name);
    if (arm !== undefined && more.length === 0) return arm;
    if (name === undefined || more.length > 0) payload.issues.push(wrong(input, "a map with a single member"));
    else payload.issues.push(unknownWord(name, all));
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

function unknownWord(input: unknown, words: readonly string[]): z.core.$ZodRawIssue {
  return { code: "invalid_value", values: [...words], input };
}
