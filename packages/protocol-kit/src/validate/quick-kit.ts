import { Base64Bytes } from "../base64/base64-bytes.ts";
import { decodeBase64 } from "../base64/base64-text.ts";

/*
 * What generated quick checks are made of. They agree with the validators wherever they say yes.
 */

/** The message as `T`, the type that its receiver gets, or undefined when a validator has to say what it is. */
export type QuickCheck<T> = (message: Readonly<Record<string, unknown>>) => T | undefined;

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function whole(min: number, max: number) {
  return (value: unknown): value is number =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

export const isUint16 = whole(0, 0xffff);
export const isUint32 = whole(0, 0xffff_ffff);
export const isInt32 = whole(-0x8000_0000, 0x7fff_ffff);
export const isUint64 = whole(0, 2 ** 64);
export const isInt64 = whole(-(2 ** 63), 2 ** 63);

/** Bytes that came with the frame, or the base64 of some. */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (value instanceof Base64Bytes) return value.bytes as Uint8Array<ArrayBuffer>;
  return typeof value === "string" ? decodeBase64(value) : undefined;
}

/** A list of what `read` reads, or undefined when it is none, or one of them can not be read. */
export function listOf<Item>(value: unknown, read: (item: unknown) => Item | undefined): Item[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: Item[] = [];
  for (const each of value) {
    const item = read(each);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
