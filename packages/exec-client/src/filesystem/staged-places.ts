import { STAGED_MAX } from "@holdfast/exec-server-protocol";
import { type Clock, isRemoteError } from "@holdfast/rpc";
import { STAGED_IN_FOLDERS_KEPT } from "../limits.ts";
import type { StagingStub } from "./executor-stage.ts";
import { Places } from "./places.ts";

type Holdfast = StagingStub["holdfast"];

interface Taken {
  readonly within: string | null | undefined;
  readonly giveBack: () => void;
}

/**
 * A stub whose session never stages more than it may: what comes on top waits until something else is put in place or discarded. Some
 * places are kept for files within a folder, which its folder waits for: folders that wait for each other would never be done.
 */
export function withStagedPlaces({ holdfast }: StagingStub, clock: Clock): StagingStub {
  const places = (max: number, method: string): Places =>
    new Places({ clock, max, method, waitsFor: `one of ${max} files and folders to be put in place` });
  const all = places(STAGED_MAX, "holdfast/stageFile");
  const outermost = places(STAGED_MAX - STAGED_IN_FOLDERS_KEPT, "holdfast/stageFile");
  const taken = new Map<string, Taken>();
  /** What is left within a folder goes with it. */
  const giveBack = (stageId: string): void => {
    taken.get(stageId)?.giveBack();
    taken.delete(stageId);
    for (const [id, { within }] of taken) if (within === stageId) giveBack(id);
  };
  const take = async (
    { stageId, within }: { readonly stageId: string; readonly within?: string | null },
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const wait = { signal, timeoutMs: undefined };
    const outer = within ? undefined : await outermost.take(wait);
    try {
      const inner = await all.take(wait);
      const both = (): void => {
        inner?.();
        outer?.();
      };
      taken.set(stageId, { within, giveBack: both });
    } catch (error) {
      outer?.();
      throw error;
    }
  };
  const begin = async <Result>(stageId: string, call: () => Promise<Result>): Promise<Result> => {
    try {
      return await call();
    } catch (error) {
      // Otherwise it may be there, and whoever gave up discards it.
      if (isRemoteError(error)) giveBack(stageId);
      throw error;
    }
  };
  const stageFile: Holdfast["stageFile"] = async (params, options) => {
    await take(params, options?.signal);
    return begin(params.stageId, () => holdfast.stageFile(params, options));
  };
  const stageFolder: Holdfast["stageFolder"] = async (params, options) => {
    await take({ stageId: params.stageId }, options?.signal);
    return begin(params.stageId, () => holdfast.stageFolder(params, options));
  };
  const commitStaged: Holdfast["commitStaged"] = async (params, options) => {
    const outcome = await holdfast.commitStaged(params, options);
    giveBack(params.stageId);
    return outcome;
  };
  const discardStaged: Holdfast["discardStaged"] = async (params, options) => {
    try {
      return await holdfast.discardStaged(params, options);
    } finally {
      giveBack(params.stageId);
    }
  };
  return { holdfast: { ...holdfast, stageFile, stageFolder, commitStaged, discardStaged } };
}
