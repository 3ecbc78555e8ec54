import type { ProtocolCode } from "../api.ts";
import type { MethodTable } from "../read/method-table.ts";
import type { Types } from "../schema/types.ts";
import { type ExperimentalSource, emitExperimentalMembers } from "./experimental-members.ts";
import { emitMethods } from "./methods.ts";
import { emitQuickChecks } from "./quick-checks.ts";
import { emitStubTypes } from "./stub-types.ts";
import { emitTypes, type TypeNotes } from "./types.ts";
import { validatorFiles } from "./validator-modules.ts";

/** What code is made of. */
export interface CodeSource {
  /** The types of the API, and all that they refer to. */
  readonly types: Types;
  /** Types that TypeScript is made of too. Null: they were written in it. */
  readonly imported: readonly string[] | null;
  readonly methods: MethodTable;
  /** What is said about imported types beside their shapes. */
  readonly notes?: TypeNotes | undefined;
  /** Which members of imported types are experimental. */
  readonly experimental?: ExperimentalSource | undefined;
}

/** The code of a protocol, by path relative to its folder. */
export async function codeFiles(
  { types, imported, methods, notes, experimental }: CodeSource,
  { stubs, settings }: ProtocolCode,
): Promise<Map<string, string>> {
  const files = validatorFiles(types, methods, settings);
  if (imported !== null) {
    files.set("methods.gen.ts", emitMethods(methods));
    files.set("types.gen.ts", await emitTypes(new Map(imported.map((name) => [name, types.shape(name)])), notes));
  }
  if (experimental !== undefined) files.set("experimental.gen.ts", emitExperimentalMembers(experimental));
  files.set("quick-checks.gen.ts", emitQuickChecks(types, methods, settings));
  files.set("stub-types.gen.ts", emitStubTypes(methods, stubs, settings));
  return files;
}
