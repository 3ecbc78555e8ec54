import type { Random } from "../../soak/random.ts";
import { bodyField, encodeFields, number, type RawFrame, text, varint, type WireField } from "./wire-fields.ts";

/** What is odd about one frame; everything else of it is right. */
export type FrameChange =
  | { readonly kind: "field"; readonly level: Level; readonly index: number; readonly change: FieldChange }
  | { readonly kind: "insert"; readonly level: Level; readonly index: number; readonly field: WireField }
  | { readonly kind: "reverse"; readonly level: Level }
  | { readonly kind: "second body"; readonly number: number; readonly isFirst: boolean }
  | { readonly kind: "split body"; readonly at: number }
  | { readonly kind: "flip"; readonly at: number; readonly xor: number }
  | { readonly kind: "cut"; readonly bytes: number }
  | { readonly kind: "more"; readonly value: Buffer }
  | { readonly kind: "as text" };

type Level = "outer" | "inner";

export type FieldChange =
  | { readonly kind: "drop" }
  | { readonly kind: "double" }
  | { readonly kind: "pad"; readonly bytes: number }
  | { readonly kind: "value"; readonly value: bigint | Buffer }
  | { readonly kind: "wire"; readonly wire: number };

const NUMBERS: readonly [bigint, ...bigint[]] = [
  0n,
  1n,
  2n,
  3n,
  64n,
  65n,
  127n,
  128n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 32n + 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const TEXTS = ["", " ", "\t\n", "\u00a0", "\u3000", "\u200b", "x", "other", "ä".repeat(300)] as const;
const NO_UTF8 = Buffer.from([0xc3, 0x28, 0xff, 0xfe]);
const UNKNOWN = [0, 13, 15, 16, 100, 536_870_911] as const;
const WIRES = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const LEVELS = ["outer", "inner"] as const;

export function randomFrameChange(random: Random): FrameChange {
  const level = random.pick(LEVELS);
  const index = random.between(0, 3);
  const way = random.between(1, 100);
  if (way <= 45) return { kind: "field", level, index, change: fieldChange(random) };
  if (way <= 58) return { kind: "insert", level, index, field: unknownField(random) };
  if (way <= 63) return { kind: "reverse", level };
  if (way <= 70) return { kind: "second body", number: random.between(5, 12), isFirst: random.between(0, 1) === 0 };
  if (way <= 74) return { kind: "split body", at: random.between(0, 3) };
  if (way <= 88) return { kind: "flip", at: random.between(0, 70), xor: 2 ** random.between(0, 7) };
  if (way <= 93) return { kind: "cut", bytes: random.pick([1, 2, 15, 16, 17, 30, 40, 60]) };
  if (way <= 98)
    return {
      kind: "more",
      value: random.pick([
        encodeFields([unknownField(random)]),
        random.bytes(3),
        Buffer.from([0]),
        Buffer.from([0x80]),
      ]),
    };
  return { kind: "as text" };
}

function fieldChange(random: Random): FieldChange {
  switch (random.between(1, 5)) {
    case 1:
      return { kind: "drop" };
    case 2:
      return { kind: "double" };
    case 3:
      return { kind: "pad", bytes: random.pick([1, 2, 4, 5, 8, 9, 10]) };
    case 4: {
      const value = random.pick<"number" | "text" | "bytes">(["number", "number", "text", "bytes"]);
      if (value === "number") return { kind: "value", value: random.pick(NUMBERS) };
      return { kind: "value", value: value === "text" ? Buffer.from(random.pick(TEXTS)) : NO_UTF8 };
    }
    default:
      return { kind: "wire", wire: random.pick(WIRES) };
  }
}

/** A field that no peer knows, or that none may have. */
function unknownField(random: Random): WireField {
  const field = random.pick(UNKNOWN);
  const wire = random.pick(WIRES);
  return { number: field, wire, value: wireValue(wire, random.bytes(random.between(0, 6))) };
}

function wireValue(wire: number, value: Buffer): Buffer {
  switch (wire) {
    case 0:
      return varint(value.length);
    case 1:
      return Buffer.alloc(8, 1);
    case 5:
      return Buffer.alloc(4, 1);
    case 3:
      // A whole group: what stands in it, and its end.
      return Buffer.concat([encodeFields([number(3, 1)]), varint((13n << 3n) | 4n)]);
    default:
      return value;
  }
}

/** @returns what goes out: bytes, or a text message. */
export function changedFrame(frame: RawFrame, change: FrameChange | undefined): Buffer | string {
  const plain = (): Buffer => encodeFields([...frame.outer, bodyField(frame)]);
  switch (change?.kind) {
    case undefined:
      return plain();
    case "field":
      return ofLevels(frame, change.level, (fields) => withField(fields, change.index, change.change));
    case "insert":
      return ofLevels(frame, change.level, (fields) =>
        fields.toSpliced(change.index % (fields.length + 1), 0, change.field),
      );
    case "reverse":
      return ofLevels(frame, change.level, (fields) => fields.toReversed());
    case "second body": {
      const second: WireField = { number: change.number, wire: 2, value: Buffer.alloc(0) };
      const body = bodyField(frame);
      return encodeFields([...frame.outer, ...(change.isFirst ? [second, body] : [body, second])]);
    }
    case "split body": {
      const parts = [frame.inner.slice(0, change.at), frame.inner.slice(change.at)];
      return encodeFields([...frame.outer, ...parts.map((inner) => bodyField({ ...frame, inner }))]);
    }
    case "flip": {
      const bytes = plain();
      // What is random in it would be another frame each time.
      const at = change.at % Math.max(1, Math.min(bytes.length, headBytesOf(frame)));
      bytes[at] = (bytes[at] ?? 0) ^ change.xor;
      return bytes;
    }
    case "cut":
      return plain().subarray(0, -change.bytes);
    case "more":
      return Buffer.concat([plain(), change.value]);
    case "as text":
      return plain().toString("base64");
  }
}

/** Bytes before what is sealed. */
function headBytesOf(frame: RawFrame): number {
  const sealed = frame.inner.at(-1)?.value.length ?? 0;
  return encodeFields([...frame.outer, bodyField(frame)]).length - sealed;
}

function ofLevels(
  frame: RawFrame,
  level: Level,
  change: (fields: readonly WireField[]) => readonly WireField[],
): Buffer {
  if (level === "inner") return encodeFields([...frame.outer, bodyField({ ...frame, inner: change(frame.inner) })]);
  return encodeFields(change([...frame.outer, bodyField(frame)]));
}

function withField(fields: readonly WireField[], which: number, change: FieldChange): readonly WireField[] {
  const index = which % Math.max(1, fields.length);
  const field = fields[index];
  if (field === undefined) return fields;
  switch (change.kind) {
    case "drop":
      return fields.toSpliced(index, 1);
    case "double":
      return fields.toSpliced(index, 0, field);
    case "pad":
      return fields.with(index, { ...field, padding: change.bytes });
    case "value":
      return fields.with(
        index,
        typeof change.value === "bigint"
          ? { ...number(field.number, change.value) }
          : { ...text(field.number, ""), value: change.value },
      );
    case "wire":
      return fields.with(index, { ...field, wire: change.wire, value: wireValue(change.wire, field.value) });
  }
}
