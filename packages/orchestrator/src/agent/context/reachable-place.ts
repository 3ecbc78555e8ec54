import type { Executor } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import type { Clock } from "@holdfast/rpc";
import { untilAborted } from "@holdfast/rpc/client";
import type { EnvironmentHandle } from "../../environments/environment-handle.ts";
import type { EnvironmentRegistry } from "../../environments/environment-registry.ts";
import type { EnvironmentSelection } from "../../steps/environment-selection.ts";
import { folderOf } from "../tools/place-folder.ts";

/** Milliseconds in which what a client is told of a place has to be found. */
const LOOK_MAX_MS = 1_000;

/** An environment that need not be waited for, and a folder there. */
export interface ReachablePlace {
  readonly handle: EnvironmentHandle;
  /** As its system writes it. */
  readonly folder: string;
}

/** Undefined: it is not there, or not connected. */
export function reachablePlace(
  environments: EnvironmentRegistry,
  { environmentId, cwd }: EnvironmentSelection,
): ReachablePlace | undefined {
  const handle = environments.get(environmentId);
  if (handle === undefined || (handle.isRemote && handle.status.state !== "ready")) return undefined;
  return { handle, folder: cwd };
}

/** Look for something that a client can do without. Undefined: it is not found in time, or can not be had. */
export async function withinReach<Found>(
  { handle, folder }: ReachablePlace,
  clock: Clock,
  look: (executor: Executor, folder: PathUri, signal: AbortSignal) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const late = new AbortController();
  const timer = clock.after(LOOK_MAX_MS, () => late.abort());
  const looked = async (): Promise<Found | undefined> => {
    const executor = await handle.executor(late.signal);
    return await look(executor, folderOf({ cwd: folder, executor }), late.signal);
  };
  try {
    return await untilAborted(looked(), late.signal);
  } catch {
    return undefined;
  } finally {
    timer.cancel();
  }
}
