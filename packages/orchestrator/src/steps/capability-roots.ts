import { isPathUriError, parsePathUri, pathUriFromInferredNative } from "@holdfast/path-uri";
import { EnvironmentError } from "../environments/environment-error.ts";
import { isRecord } from "./is-record.ts";

/** A folder in an environment where an agent finds skills and plugins, as it was selected. It says nothing of whether that environment is there. */
export interface SelectedCapabilityRoot {
  readonly id: string;
  readonly location: {
    readonly type: "environment";
    readonly environmentId: string;
    /** Absolute: as its system writes it, or a `file:` URI. Kept as it was given. */
    readonly path: string;
  };
}

/** Member of a thread's record that holds them. */
export const CAPABILITY_ROOTS_MEMBER = "selected_capability_roots";

/**
 * Read what somebody selects.
 *
 * @throws EnvironmentError - `invalid`: a path is not absolute, or it is no list of such roots.
 */
export function readCapabilityRoots(value: unknown): readonly SelectedCapabilityRoot[] {
  if (!Array.isArray(value)) throw refusal("selected capability roots must be a list");
  return value.map(readRoot);
}

function readRoot(value: unknown, index: number): SelectedCapabilityRoot {
  const place = `selected capability root ${index}`;
  if (!isRecord(value) || typeof value.id !== "string") throw refusal(`${place} must have an id`);
  const { id, location } = value;
  if (!isRecord(location)) throw refusal(`${place} must have a location`);
  const { type, environmentId, path } = location;
  // Of another type it would lead somewhere else.
  if (type !== "environment") throw refusal(`the location of ${place} must be of type environment`);
  if (typeof environmentId !== "string" || typeof path !== "string") {
    throw refusal(`the location of ${place} must have an environmentId and a path`);
  }
  if (!isAbsolute(path)) throw refusal(`path \`${path}\` is not absolute`, environmentId);
  return { id, location: { type, environmentId, path } };
}

function refusal(text: string, environmentId?: string): EnvironmentError {
  return new EnvironmentError("invalid", `Invalid request: ${text}`, { environmentId });
}

function isAbsolute(path: string): boolean {
  try {
    if (/^file:/iu.test(path)) parsePathUri(path);
    else pathUriFromInferredNative(path);
    return true;
  } catch (error) {
    if (isPathUriError(error)) return false;
    throw error;
  }
}

/** What of a selection outlives this program: the selection alone, as it was given. For a thread's record. */
export function persistedCapabilityRoots(roots: readonly SelectedCapabilityRoot[]): {
  readonly [CAPABILITY_ROOTS_MEMBER]: readonly SelectedCapabilityRoot[];
} {
  return {
    [CAPABILITY_ROOTS_MEMBER]: roots.map(({ id, location: { type, environmentId, path } }) => ({
      id,
      location: { type, environmentId, path },
    })),
  };
}

/**
 * The selection in a thread's record; none in one that was written before there were any.
 *
 * @throws EnvironmentError - `invalid`
 */
export function restoredCapabilityRoots(record: unknown): readonly SelectedCapabilityRoot[] {
  const roots = isRecord(record) ? record[CAPABILITY_ROOTS_MEMBER] : undefined;
  return roots === undefined || roots === null ? [] : readCapabilityRoots(roots);
}
