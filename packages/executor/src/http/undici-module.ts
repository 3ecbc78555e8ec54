import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

export type Undici = typeof import("undici");

/** Set when this package is bundled: the path of a CommonJS file that is all of undici, seen from the bundle's file. */
declare const HOLDFAST_UNDICI: string | undefined;

let held: { readonly path: string; readonly text: Buffer } | undefined;
let loaded: Promise<Undici> | undefined;

/**
 * Take the text into memory, where this package is part of a bundle: what is loaded later is what lay there now. The text is small
 * beside the module, which costs the start and the memory of an executor that makes no request.
 */
export function holdUndici(): void {
  if (typeof HOLDFAST_UNDICI === "undefined" || held !== undefined || loaded !== undefined) return;
  const path = fileURLToPath(new URL(HOLDFAST_UNDICI, import.meta.url));
  held = { path, text: readFileSync(path) };
}

/** Load it, once. A load that failed is tried again by the next one who asks: open files may have been short for a moment. */
export function loadUndici(): Promise<Undici> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<Undici> {
  // The default export alone is there in a bundle of another kind too: the package is CommonJS.
  if (typeof HOLDFAST_UNDICI === "undefined") return (await import("undici")).default;
  holdUndici();
  const { path = "", text = "" } = held ?? {};
  const module = { exports: {} };
  const define = compileFunction(text.toString("latin1"), ["module", "exports", "require"], { filename: path });
  define(module, module.exports, createRequire(path));
  held = undefined;
  return module.exports as Undici;
}
