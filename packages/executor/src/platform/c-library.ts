import { createRequire } from "node:module";
import { basename } from "node:path";

/** A C function by its prototype. Integers in, integer out; buffers stand for pointers. */
export interface CFunction {
  (...args: unknown[]): number;
  /** The same in another thread; the last argument is told. See {@link inThread}. */
  async(...args: unknown[]): void;
}

/** Call a function that may take long, in another thread. Its buffers must be kept until this has settled. */
export function inThread(call: CFunction, ...args: readonly unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: Error | null, result: number) => (error === null ? resolve(result) : reject(error)));
  });
}

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

/** How the file with the native half of koffi is called. */
const NATIVE_NAME = "koffi.node";

/** Why {@link cLibrary} is undefined, and what helps. */
export const NO_C_LIBRARY = `the C library can't be called, for which the package @koromix/koffi-${process.platform}-${process.arch} is needed beside this program`;

/** Systems whose C library is called at all. What is called there is for its callers to know: names and numbers differ. */
type CalledPlatform = "linux" | "darwin";

let loaded: { readonly library: CLibrary | undefined } | undefined;

function load(platform: CalledPlatform): CLibrary | undefined {
  if (process.platform !== platform) return undefined;
  try {
    return libraryOf(createRequire(import.meta.url)("koffi") as Koffi);
  } catch {
    return undefined;
  }
}

function libraryOf(koffi: Koffi): CLibrary {
  const library = koffi.load(null);
  return {
    func: (prototype) => library.func(prototype),
    errno: () => koffi.errno(),
    addressOf: (buffer) => BigInt(koffi.address(buffer)),
  };
}

/** The file that was loaded for {@link cLibrary}; `undefined` where none was. */
export function nativePart(): string | undefined {
  if (cLibrary() === undefined) return undefined;
  return Object.keys(createRequire(import.meta.url).cache).find((path) => basename(path) === NATIVE_NAME);
}

/** Have {@link cLibrary} by such a file alone, in a program that finds no package. Where that fails there is none. */
export function loadNativePart(path: string): void {
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
    loaded = { library: libraryOf(module.exports as Koffi) };
  } catch {
    loaded = { library: undefined };
  }
}

/** For the few calls that Node does not offer. `undefined` off Linux and where the prebuilt binding is missing. */
export function cLibrary(): CLibrary | undefined {
  loaded ??= { library: load("linux") };
  return loaded.library;
}

/**
 * Bind functions at first use, once. `undefined` when the library or one of them is missing.
 *
 * @param platform - The system that they are for: on another one there are none.
 */
export function lazily<T>(bind: (library: CLibrary) => T, platform: CalledPlatform = "linux"): () => T | undefined {
  let bound: { readonly functions: T | undefined } | undefined;
  return () => {
    if (bound === undefined) {
      const library = platform === "linux" ? cLibrary() : load(platform);
      try {
        bound = { functions: library === undefined ? undefined : bind(library) };
      } catch {
        bound = { functions: undefined };
      }
    }
    return bound.functions;
  };
}
