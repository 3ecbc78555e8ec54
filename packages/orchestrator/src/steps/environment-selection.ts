import { EnvironmentError } from "../environments/environment-error.ts";
import type { EnvironmentRegistry } from "../environments/environment-registry.ts";

/** An environment that a thread works in, and the folder there. */
export interface EnvironmentSelection {
  readonly environmentId: string;
  /** As its system writes it, or a `file:` URI; absolute. */
  readonly cwd: string;
}

/** What a new thread works in: the default environment and then all others, or nothing where there is no default. */
export function defaultSelections(
  registry: Pick<EnvironmentRegistry, "defaultId" | "list">,
  cwd: string,
): readonly EnvironmentSelection[] {
  if (registry.defaultId === undefined) return [];
  return registry.list().map(({ id }) => ({ environmentId: id, cwd }));
}

/**
 * Whether a selection that somebody asks for can be made.
 *
 * @throws EnvironmentError - `duplicate`, `unknown`
 */
export function checkSelections(
  registry: Pick<EnvironmentRegistry, "get">,
  selections: readonly EnvironmentSelection[],
): void {
  const ids = new Set<string>();
  for (const { environmentId } of selections) {
    if (ids.has(environmentId)) {
      throw new EnvironmentError("duplicate", `duplicate turn environment id \`${environmentId}\``, { environmentId });
    }
    ids.add(environmentId);
    if (registry.get(environmentId) === undefined) {
      throw new EnvironmentError("unknown", `unknown turn environment id \`${environmentId}\``, { environmentId });
    }
  }
}
