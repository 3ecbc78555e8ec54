import type { Schema } from "./json-schema.ts";

/** Keywords that say something to people, and nothing about which values fit. */
const ANNOTATIONS: ReadonlySet<string> = new Set(["$schema", "$id", "title", "description", "default"]);

/** Every keyword that the generator knows what to do with. The list is closed: another one stops it. */
const ASSERTIONS: ReadonlySet<string> = new Set([
  "$ref",
  "type",
  "const",
  "enum",
  "anyOf",
  "oneOf",
  "allOf",
  "format",
  "contentEncoding",
  "pattern",
  "minLength",
  "maxLength",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "minItems",
  "maxItems",
]);

/** Where in a type a schema stands, for errors: `ThreadItem` or `ThreadItem at oneOf[3].properties.id`. */
export class Place {
  readonly type: string;
  readonly path: string;

  constructor(type: string, path = "") {
    this.type = type;
    this.path = path;
  }

  member(keyword: string, name: string): Place {
    return this.#below(`${keyword}.${name}`);
  }

  item(keyword: string, index: number): Place {
    return this.#below(`${keyword}[${index}]`);
  }

  inside(keyword: string): Place {
    return this.#below(keyword);
  }

  /** An error with the place in front. */
  error(problem: string): Error {
    return new Error(`${this}: ${problem}`);
  }

  toString(): string {
    return this.path === "" ? this.type : `${this.type} at ${this.path}`;
  }

  #below(step: string): Place {
    return new Place(this.type, this.path === "" ? step : `${this.path}.${step}`);
  }
}

/** The keywords of one schema, each to be taken once. What is left at the end was not understood. */
export class Keywords {
  readonly place: Place;
  readonly #schema: Schema;
  readonly #left: Set<string>;

  /** @throws Error for a keyword that is not in the closed list. */
  constructor(schema: Schema, place: Place) {
    this.place = place;
    this.#schema = schema;
    if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
      throw place.error(`${JSON.stringify(schema)} is no schema`);
    }
    this.#left = new Set(Object.keys(schema).filter((name) => !ANNOTATIONS.has(name)));
    for (const name of this.#left) {
      if (!ASSERTIONS.has(name))
        throw place.error(`keyword ${JSON.stringify(name)} is not one that the generator knows`);
    }
  }

  take<K extends keyof Schema>(name: K): Schema[K] {
    this.#left.delete(name);
    return this.#schema[name];
  }

  has(...names: readonly (keyof Schema)[]): boolean {
    return names.some((name) => this.#left.has(name));
  }

  /** @throws Error for a keyword that nothing has taken, because it means nothing beside the others. */
  finish(): void {
    const [name] = this.#left;
    if (name === undefined) return;
    const beside = Object.keys(this.#schema).filter((other) => other !== name && ASSERTIONS.has(other));
    const others =
      beside.length === 0 ? "by itself" : `beside ${beside.map((other) => JSON.stringify(other)).join(", ")}`;
    throw this.place.error(`keyword ${JSON.stringify(name)} has no meaning ${others}`);
  }
}
