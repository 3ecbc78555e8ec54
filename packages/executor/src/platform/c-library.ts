import { createRequire } from "node:module";

/** A C function by its prototype. Integers in, integer out; buffers stand for pointers. */
export type CFunction = (...args: unknown[]) => number;

/** The C library of this process. */
export interface CLibrary {
  /** @throws Error when the library has no such function. */
  func(prototype: string): CFunction;
  /** The error number of the last call that failed. */
  errno(): number;
  /** Where the bytes of a buffer lie, as long as the buffer is kept. */
  addressOf(buffer: Buffer): bigint;
}

/** Koffi's own types name far more than is used here. */
interface Koffi {
  load(path: string | null): { func(prototype: string): CFunction };
  errno(): number;
  address(value: unknown): number | bigint;
}

let loaded: { readonly library: CLibrary | undefined } | undefined;

function load(): CLibrary | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const koffi = createRequire(import.meta.url)("koffi") as Koffi;
    const library = koffi.load(null);
    return {
      func: (prototype) => library.func(prototype),
      errno: () => koffi.errno(),
      addressOf: (buffer) => BigInt(koffi.address(buffer)),
    };
  } catch {
    return undefined;
  }
}

/** For the few calls that Node does not offer. `undefined` off Linux and where the prebuilt binding is missing. */
export function cLibrary(): CLibrary | undefined {
  loaded ??= { library: load() };
  return loaded.library;
}

/** Bind functions at first use, once. `undefined` when the library or one of them is missing. */
export function lazily<T>(bind: (library: CLibrary) => T): () => T | undefined {
  let bound: { readonly functions: T | undefined } | undefined;
  return () => {
    if (bound === undefined) {
      const library = cLibrary();
      try {
        bound = { functions: library === undefined ? undefined : bind(library) };
      } catch {
        bound = { functions: undefined };
      }
    }
    return bound.functions;
  };
}
