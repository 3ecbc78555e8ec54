import type { HoldfastFileDigest } from "@holdfast/exec-server-protocol";
import type { FaultKind } from "../filesystem/fault.ts";
import type { StagingProblem } from "../filesystem/staging-problems.ts";
import type { FileRange } from "./digest-held.ts";
import type { TreePage } from "./list-held.ts";
import type { PackedBlock } from "./pack-archive.ts";
import type { GuardedName } from "./remove-held.ts";
import type { NamedBlock } from "./shared-blocks.ts";
import type { TreeFilterOptions } from "./tree-filter.ts";
import type { Unpacked } from "./unpack-archive.ts";
import type { UnpackedFolder } from "./unpacked-folders.ts";

/** A folder that the main thread holds: by what any call reaches it, and what it is called in problems. */
export interface SharedFolder {
  readonly path: Uint8Array;
  readonly shown: Uint8Array;
}

/** The bytes of a part: copied, or in a block that both threads have. */
export type UnpackedPart = Uint8Array | { readonly block: NamedBlock; readonly length: number };

/** What a thread does: of each operation what it is given and what it answers. Bytes arrive as plain arrays. */
export interface TreeOperations {
  /** Unpack a part; the first of a job says into which folder. */
  readonly unpack: {
    readonly given: { readonly job: number; readonly into: SharedFolder; readonly part: UnpackedPart };
    readonly answered: { readonly problemCount: number };
  };
  readonly finishUnpacking: { readonly given: { readonly job: number }; readonly answered: Unpacked };
  readonly settle: {
    readonly given: { readonly root: Uint8Array; readonly folders: readonly UnpackedFolder[] };
    readonly answered: boolean;
  };
  readonly merge: {
    readonly given: { readonly from: Uint8Array; readonly into: SharedFolder };
    readonly answered: readonly StagingProblem[];
  };
  readonly pack: {
    readonly given: {
      readonly job: number;
      readonly root: SharedFolder;
      readonly filter: TreeFilterOptions;
      readonly names: readonly Uint8Array[] | undefined;
    };
    readonly answered: undefined;
  };
  readonly nextBlock: {
    readonly given: { readonly job: number; readonly block: NamedBlock };
    readonly answered: PackedBlock;
  };
  readonly list: {
    readonly given: { readonly root: SharedFolder; readonly filter: TreeFilterOptions; readonly after: Uint8Array };
    readonly answered: TreePage;
  };
  readonly digest: {
    readonly given: { readonly root: Uint8Array; readonly ranges: readonly FileRange[] };
    readonly answered: HoldfastFileDigest[];
  };
  readonly remove: {
    readonly given: {
      readonly root: SharedFolder;
      readonly names: readonly Uint8Array[];
      readonly guarded: readonly GuardedName[];
      readonly keepsFilled: boolean;
    };
    readonly answered: readonly StagingProblem[];
  };
  /** Forget a job. */
  readonly drop: { readonly given: { readonly job: number }; readonly answered: undefined };
}

export type TreeOperation = keyof TreeOperations;

export interface TreeRequest {
  readonly id: number;
  readonly operation: TreeOperation;
  readonly given: unknown;
}

export type TreeAnswer =
  | { readonly id: number; readonly kind: "done"; readonly answered: unknown }
  | {
      readonly id: number;
      readonly kind: "failed";
      readonly fault: { readonly kind: FaultKind; readonly message: string; readonly code: string | undefined };
    };
