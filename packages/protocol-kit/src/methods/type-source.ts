import type { LateTypes, MethodTypes, TypesByMethod } from "./protocol.ts";

/** Where the types of a protocol come from, and whether they are there. */
export class TypeSource {
  readonly #late: LateTypes | undefined;
  #types: TypesByMethod | undefined;
  #loading: Promise<void> | undefined;

  constructor(types: TypesByMethod | LateTypes) {
    if (isLate(types)) this.#late = types;
    else this.#types = types;
  }

  /** Undefined while they are not loaded. */
  get types(): TypesByMethod | undefined {
    return this.#types;
  }

  /** Loads them, once. One that fails is tried again by the next. */
  load(): Promise<void> {
    if (this.#late === undefined) return Promise.resolve();
    this.#loading ??= this.#late.load().then(
      (types) => {
        this.#types = types;
      },
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }

  /**
   * Look for the types of a method where they are loaded. They are not read: a bundle has them behind a getter, which makes all validators.
   *
   * @throws Error for a method that has none.
   */
  expect(api: string, method: string): void {
    if (this.#types !== undefined && !Object.hasOwn(this.#types, method)) throw missing(api, method);
  }

  /** @throws Error for a protocol whose types are not loaded, or a method that has none. */
  of(api: string, method: string): MethodTypes {
    if (this.#types === undefined) throw new Error(`${api}: the validators are not loaded; await whenReady() first`);
    const found = Object.hasOwn(this.#types, method) ? this.#types[method] : undefined;
    if (found === undefined) throw missing(api, method);
    return found;
  }
}

function missing(api: string, method: string): Error {
  return new Error(`${api}: no types for the method ${method}; generate them`);
}

const late = new WeakMap<LateTypes, TypeSource>();

/** The source of these types: one for all stubs and routers of a protocol that loads them late, so that each finds them loaded by the others. */
export function typeSource(types: TypesByMethod | LateTypes): TypeSource {
  if (!isLate(types)) return new TypeSource(types);
  const found = late.get(types) ?? new TypeSource(types);
  late.set(types, found);
  return found;
}

function isLate(types: TypesByMethod | LateTypes): types is LateTypes {
  return "load" in types && typeof types.load === "function";
}
