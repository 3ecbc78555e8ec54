import { InvalidArgumentError } from "./invalid-argument-error.ts";
import { shownValue } from "./shown-value.ts";

/**
 * Refuses a value that can not be used. Not called with undefined: an option that is undefined is one that was not given.
 *
 * @throws InvalidArgumentError - Names the argument, what it must be and what it is.
 */
export type Check = (value: unknown, name: string) => void;

function refuse(name: string, rule: string, value: unknown): never {
  throw new InvalidArgumentError(name, `${name} must be ${rule}, not ${shownValue(value)}`);
}

/** A time that something may take: more than 0, since nothing can be done in none. `Infinity`: it may take for ever. */
export const timeLimit: Check = (value, name) => {
  if (typeof value === "number" && value > 0) return;
  refuse(name, "milliseconds above 0, or Infinity for no limit", value);
};

/** A time to go on trying, or to pause: 0 is none. */
export const duration: Check = (value, name) => {
  if (typeof value === "number" && value >= 0) return;
  refuse(name, "milliseconds from 0 on", value);
};

/** How many bytes at most: `Infinity` for as many as there are. */
export const byteLimit: Check = (value, name) => {
  if (typeof value === "number" && value >= 0) return;
  refuse(name, "a number of bytes from 0 on", value);
};

/** An integer within bounds. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): Check {
  const rule =
    max === Number.MAX_SAFE_INTEGER ? `an integer from ${min} to 2^53 - 1` : `an integer from ${min} to ${max}`;
  return (value, name) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return;
    refuse(name, rule, value);
  };
}

/** Permission bits. */
export const permissionBits: Check = wholeNumber(0, 0o7777);

export const flag: Check = (value, name) => {
  if (typeof value !== "boolean") refuse(name, "true or false", value);
};

export const text: Check = (value, name) => {
  if (typeof value !== "string") refuse(name, "a string", value);
};

export const callback: Check = (value, name) => {
  if (typeof value !== "function") refuse(name, "a function", value);
};

/** Null, or members by name. */
export const objectOrNull: Check = (value, name) => {
  if (typeof value !== "object") refuse(name, "an object", value);
};

/** One of any realm: only what is used of it is asked for. */
export const abortSignal: Check = (value, name) => {
  if (typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value) return;
  refuse(name, "an AbortSignal", value);
};

/** One of these words. */
export function oneOf(...words: readonly string[]): Check {
  const rule = words.map((word) => JSON.stringify(word)).join(" or ");
  return (value, name) => {
    if (typeof value !== "string" || !words.includes(value)) refuse(name, rule, value);
  };
}

/** Whatever it is: looked at where it is used, or by the executor. */
export const anything: Check = () => {};

/** Names with values that are strings, or undefined for what is left out. */
export const stringsByName: Check = (value, name) => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    refuse(name, "an object of strings", value);
  }
  for (const [variable, each] of Object.entries(value)) {
    if (typeof each !== "string" && each !== undefined) refuse(`${name}.${variable}`, "a string or undefined", each);
  }
};

/** A certificate and its key, each as text. */
export const clientCertificate: Check = (value, name) => {
  stringsByName(value, name);
  const { cert, key } = value as { readonly cert?: unknown; readonly key?: unknown };
  if (typeof cert !== "string" || typeof key !== "string") refuse(name, "an object with cert and key in PEM", value);
};

/** A program and its arguments. */
export const commandLine: Check = (value, name) => {
  if (typeof value === "string") {
    const hint = `for a command line use ["sh", "-c", ${shownValue(value)}]`;
    throw new InvalidArgumentError(name, `${name} must be an array of strings, not a string: ${hint}`);
  }
  if (!Array.isArray(value)) refuse(name, "an array of strings", value);
  if (value.length === 0) throw new InvalidArgumentError(name, `${name} must not be empty`);
  for (let index = 0; index < value.length; index += 1) {
    const each: unknown = value[index];
    if (typeof each === "string") continue;
    throw new InvalidArgumentError(name, `${name}[${index}] must be a string, not ${shownValue(each)}`);
  }
};
