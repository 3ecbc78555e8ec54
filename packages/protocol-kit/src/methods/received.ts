import type { Base64Bytes } from "../base64/base64-bytes.ts";

/**
 * A message as its receiver gets it: its base64 has been decoded, into memory that is not shared, and what is read into a
 * type of its own has been read. In Node the bytes are a `Buffer`.
 *
 * @typeParam Member - Names of the members that hold base64.
 * @typeParam Undecoded - Types whose method looks at the base64 itself, so that it is decoded only with a long frame: ask
 *   `bytesOfBase64`.
 * @typeParam Wire - A type that its validator reads into another one.
 * @typeParam Parsed - What that one is.
 */
export type ReceivedWith<T, Member extends string, Undecoded = never, Wire = never, Parsed = never> = T extends string
  ? T
  : T extends Wire
    ? Parsed
    : T extends readonly (infer Item)[]
      ? ReceivedWith<Item, Member, Undecoded, Wire, Parsed>[]
      : T extends object
        ? {
            [Name in keyof T]: Name extends Member
              ? ReceivedBase64<T, T[Name], Undecoded>
              : ReceivedWith<T[Name], Member, Undecoded, Wire, Parsed>;
          }
        : T;

type ReceivedBase64<Owner, Value, Undecoded> = [Owner] extends [Undecoded]
  ? Value | Base64Bytes
  : Exclude<Value, string> | Uint8Array<ArrayBuffer>;

/** A message as it may be given for sending: its base64 as text or as {@link Base64Bytes}. */
export type SendableWith<T, Member extends string> = {
  [Name in keyof T]: Name extends Member ? T[Name] | Base64Bytes : T[Name];
};
