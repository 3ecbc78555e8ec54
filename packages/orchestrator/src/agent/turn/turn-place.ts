import type { StepPlace, StepSnapshot } from "../../steps/step-snapshot.ts";
import type { TurnSettings } from "./thread-runtime.ts";

/** A step of a turn. */
interface TurnStep {
  readonly step: StepSnapshot;
  readonly settings: Pick<TurnSettings, "environments">;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where a call of a turn takes effect.
 *
 * @param id - Default: the first environment of the turn, also where that is not ready: what is meant for it must not be done on the next one.
 * @returns Undefined: there is none of that id, or none at all.
 * @throws EnvironmentError - It is starting, or can not be had. @throws The reason of the signal.
 */
export async function turnPlace({ step, settings, signal }: TurnStep, id?: string): Promise<StepPlace | undefined> {
  const named = id ?? settings.environments[0]?.environmentId;
  return named === undefined ? undefined : await step.at(named, signal);
}
