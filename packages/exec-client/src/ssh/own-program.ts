import type { FarProgram } from "./ssh-target.ts";

/** A name that no bundler follows: the package may be missing. */
const PACKAGE = ["holdfast", "far-program"].join("/");

/** The program of the package `holdfast`, if it is installed where this package finds it. */
export async function ownProgram(): Promise<FarProgram | undefined> {
  try {
    const { farProgram } = (await import(PACKAGE)) as { readonly farProgram: FarProgram };
    return farProgram;
  } catch {
    return undefined;
  }
}
