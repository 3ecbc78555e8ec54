import { definitionName, type Schema } from "../../src/schema/json-schema.ts";

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values that go wrong somewhere: of each type, empty, too large. */
const ODD = [null, true, 0, -1, 1.5, 65536, 2 ** 40, "", "x", [], [1], {}, { type: "text" }, { a: 1 }];

/** Makes values that a schema accepts, more or less: what is made is judged, not trusted. */
export class JsonSamples {
  readonly #definitions: Readonly<Record<string, Schema>>;
  readonly #random: () => number;

  constructor(definitions: Readonly<Record<string, Schema>>, random: () => number) {
    this.#definitions = definitions;
    this.#random = random;
  }

  /** A value of the kind that a schema describes. */
  sample(schema: Schema, depth = 0): unknown {
    if (schema.$ref !== undefined) return this.sample(this.#definitions[definitionName(schema.$ref)] ?? {}, depth + 1);
    const parts = [...(schema.allOf ?? []), ...[schema.oneOf, schema.anyOf].flatMap((arms) => this.#oneOf(arms))];
    const values = [...parts.map((part) => this.sample(part, depth + 1)), this.#plain(schema, depth)];
    return values.every(isObject) ? Object.assign({}, ...values) : (values.find((value) => value !== undefined) ?? 1);
  }

  /** The same value with something in it changed. */
  spoiled(value: unknown): unknown {
    if (this.#random() < 0.3 || typeof value !== "object" || value === null) return this.#pick(ODD);
    if (Array.isArray(value)) {
      const at = Math.floor(this.#random() * (value.length + 1));
      return value.toSpliced(at, 1, this.spoiled(value[at]));
    }
    const name = this.#pick([...Object.keys(value), "surplus"]);
    const { [name]: member, ...rest } = value as Record<string, unknown>;
    return this.#random() < 0.3 ? rest : { ...rest, [name]: this.spoiled(member) };
  }

  #plain(schema: Schema, depth: number): unknown {
    if (schema.enum !== undefined) return this.#pick(schema.enum);
    const type = Array.isArray(schema.type) ? this.#pick(schema.type) : schema.type;
    switch (type ?? (schema.properties === undefined ? undefined : "object")) {
      case "null":
        return null;
      case "boolean":
        return this.#random() < 0.5;
      case "string":
        return this.#pick(["", "x", "a/b", "😀"]);
      case "integer":
        return this.#pick([0, 1, 7, 255, 65535, 65536, 2 ** 32, 2 ** 53, -1, -(2 ** 31) - 1]);
      case "number":
        return this.#pick([0, 0.5, -3]);
      case "array":
        return depth > 8 ? [] : this.#times(() => this.sample(schema.items ?? {}, depth + 1));
      case "object":
        return this.#object(schema, depth);
      default:
        return schema.anyOf === undefined && schema.oneOf === undefined && schema.allOf === undefined
          ? this.#pick(ODD)
          : undefined;
    }
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema, depth: number): unknown {
    const value: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(properties)) {
      if (required.includes(name) || (depth < 6 && this.#random() < 0.5)) value[name] = this.sample(schema, depth + 1);
    }
    if (typeof additionalProperties === "object" && depth < 6) {
      for (const name of ["one", "constructor"]) value[name] = this.sample(additionalProperties, depth + 1);
    }
    return value;
  }

  #oneOf(arms: readonly Schema[] | undefined): Schema[] {
    return arms === undefined ? [] : [this.#pick(arms)];
  }

  #times<T>(make: () => T): T[] {
    return Array.from({ length: Math.floor(this.#random() * 3) }, make);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
