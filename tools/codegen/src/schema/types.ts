import { innerShapes, namesIn, type Shape } from "./shape.ts";

/** The shapes of types by name, and what follows from how they refer to each other. */
export class Types {
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #cycles: ReadonlyMap<string, number>;
  readonly #holders = new Map<string, boolean>();

  /** @param shapes - Of every type that another may refer to. */
  constructor(shapes: ReadonlyMap<string, Shape>) {
    this.#shapes = shapes;
    this.#cycles = cyclesOf(shapes);
  }

  /** In the order that they were given in. */
  names(): readonly string[] {
    return [...this.#shapes.keys()];
  }

  /** @throws Error for a type that no API exports. */
  shape(name: string): Shape {
    const found = this.#shapes.get(name);
    if (found === undefined) throw new Error(`type ${name} is referred to, but no API exports it`);
    return found;
  }

  /** Whether a value of the type can hold another of it. */
  isCyclic(name: string): boolean {
    return this.#cycles.has(name);
  }

  /** Whether each of two types can hold the other. */
  isOfOneCycle(one: string, other: string): boolean {
    const cycle = this.#cycles.get(one);
    return cycle !== undefined && cycle === this.#cycles.get(other);
  }

  /** Whether base64 is somewhere in the type, which receivers get decoded. */
  holdsBase64(name: string): boolean {
    const known = this.#holders.get(name);
    if (known !== undefined) return known;
    this.#holders.set(name, false);
    const holds = this.#shapeHolds(this.shape(name));
    this.#holders.set(name, holds);
    return holds;
  }

  /** Whether one of these types is somewhere in the type, or is it. */
  refersTo(name: string, sought: ReadonlySet<string>): boolean {
    if (sought.size === 0) return false;
    const seen = new Set<string>();
    const visit = (each: string): boolean => {
      if (sought.has(each)) return true;
      if (seen.has(each)) return false;
      seen.add(each);
      return namesIn(this.shape(each)).some(visit);
    };
    return visit(name);
  }

  /** The types and all that they refer to, each after those that it refers to. */
  reachedFrom(names: readonly string[], isOwnedElsewhere: (name: string) => boolean): string[] {
    const done = new Set<string>();
    const reached: string[] = [];
    const visit = (name: string): void => {
      if (done.has(name)) return;
      done.add(name);
      if (isOwnedElsewhere(name)) return;
      namesIn(this.shape(name)).forEach(visit);
      reached.push(name);
    };
    names.forEach(visit);
    return reached;
  }

  #shapeHolds(shape: Shape): boolean {
    if (shape.kind === "text") return shape.isBase64;
    if (shape.kind === "reference") return this.holdsBase64(shape.name);
    return innerShapes(shape).some((inner) => this.#shapeHolds(inner));
  }
}

/** The number of its cycle for each type that is in one: the strongly connected components (Tarjan). */
function cyclesOf(shapes: ReadonlyMap<string, Shape>): Map<string, number> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles = new Map<string, number>();
  const visit = (name: string): number => {
    const at = index.size;
    index.set(name, at);
    low.set(name, at);
    stack.push(name);
    const targets = namesIn(shapes.get(name) ?? { kind: "anything" });
    for (const target of targets) {
      if (!index.has(target)) low.set(name, Math.min(low.get(name) ?? at, visit(target)));
      else if (stack.includes(target)) low.set(name, Math.min(low.get(name) ?? at, index.get(target) ?? at));
    }
    if (low.get(name) === at) {
      const members = stack.splice(stack.indexOf(name));
      if (members.length > 1 || targets.includes(name)) for (const member of members) cycles.set(member, at);
    }
    return low.get(name) ?? at;
  };
  for (const name of shapes.keys()) if (!index.has(name)) visit(name);
  return cycles;
}
