import type { EnvironmentHandle } from "../environments/environment-handle.ts";
import type { SelectedCapabilityRoot } from "./capability-roots.ts";

/** A root with the environment that it is in, for one step. */
export interface ResolvedCapabilityRoot {
  readonly id: string;
  /** As it was given. */
  readonly path: string;
  readonly handle: EnvironmentHandle;
}

/** What a step has captured: the handle of each of its environments, or null for one that is still starting. */
export type CapturedHandles = ReadonlyMap<string, EnvironmentHandle | null>;

/** Where roots are looked up that are in none of the step's environments. */
export interface RootsRegistry {
  get(id: string): EnvironmentHandle | undefined;
  start(id: string): void;
}

/**
 * Those of the selected roots that are there in one step, in their order. What is left out stays selected, and may be there in a later step: one
 * whose environment nobody has asked for yet is started in the background. No file is looked at.
 */
export function resolveCapabilityRoots(
  roots: readonly SelectedCapabilityRoot[],
  captured: CapturedHandles,
  registry: RootsRegistry,
): readonly ResolvedCapabilityRoot[] {
  // Asked once for each, so that all roots of one environment agree.
  const handles = new Map<string, EnvironmentHandle | undefined>();
  return roots.flatMap(({ id, location: { environmentId, path } }) => {
    if (!handles.has(environmentId)) handles.set(environmentId, handleOf(environmentId, captured, registry));
    const handle = handles.get(environmentId);
    return handle === undefined ? [] : [{ id, path, handle }];
  });
}

function handleOf(id: string, captured: CapturedHandles, registry: RootsRegistry): EnvironmentHandle | undefined {
  const own = captured.get(id);
  if (own !== undefined) return own ?? undefined;
  const handle = registry.get(id);
  switch (handle?.status.state) {
    case "ready":
    case "recovering":
    case "disconnected":
      return handle;
    case "idle":
      registry.start(id);
      return undefined;
    default:
      return undefined;
  }
}

/** Whether two steps have the same roots in the same order, by the very same handles: what was made for one holds for the other. */
export function sameRoots(one: readonly ResolvedCapabilityRoot[], other: readonly ResolvedCapabilityRoot[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ id, path, handle }, index) => {
      const root = other[index];
      return root?.id === id && root.path === path && root.handle === handle;
    })
  );
}
