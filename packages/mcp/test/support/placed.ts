import { Places } from "./places.ts";

/** From where requests go out: this process, an executor within it, an executor beside it. */
export const PLACEMENTS = ["here", "local", "far"] as const;

export type Placement = (typeof PLACEMENTS)[number];

/** Environments with that place, and the id of the one that servers are put into. */
export async function placed(
  placement: Placement,
): Promise<{ readonly places: Places; readonly environmentId: string }> {
  const places = new Places();
  if (placement === "local") await places.embed();
  if (placement === "far") await places.serve("far");
  return { places, environmentId: placement === "far" ? "far" : "local" };
}
