import type { EnvironmentHandle } from "@holdfast/orchestrator";
import { displayPath } from "@holdfast/path-uri";
import type { ServedPlace } from "./served-place.ts";

const LOST_LINES =
  "A connection that is lost is dialled again, and what runs goes on meanwhile: a call that says so can be made again.";

/** What a model is told once, about all tools of one place. */
export function instructionsFor(place: ServedPlace): string {
  const { id, executor, cwd, sandboxText, caution, refusal } = place;
  const { platformOs, shell } = executor.environment;
  const system = platformOs === undefined ? shell.name : `${platformOs}, ${shell.name}`;
  const where = displayPath(cwd);
  return [
    `The tools of this server work on ${id} (${system}), with ${where} as the working folder: relative paths start there.`,
    ...(sandboxText === undefined
      ? []
      : [`Everything runs in a sandbox: ${sandboxText}${hasNetwork(place) ? "" : ", and there is no network"}.`]),
    ...(refusal === undefined ? [] : [`That sandbox can not be enforced there, so nothing is done: ${refusal}`]),
    ...(caution === undefined
      ? []
      : [
          `It is so narrow because ${caution}. If writing is needed, ask the user to start holdfast mcp serve with --cwd FOLDER, the folder of the project.`,
        ]),
    LOST_LINES,
  ].join("\n");
}

/** The same for people who look into the log of their client: what stands in the way. */
export function complaintsOf({ id, caution, refusal }: ServedPlace): readonly string[] {
  if (refusal !== undefined) return [`nothing can be confined on ${id}: ${refusal}`];
  if (caution === undefined) return [];
  return [`${caution}: tools only read. Start it in the folder of a project, or with --cwd FOLDER`];
}

/** What a model is told of several environments, before any is looked at. */
export function environmentsText(handles: readonly EnvironmentHandle[], folders: ReadonlyMap<string, string>): string {
  const rows = handles.map(({ id, isRemote, address }, index) => {
    const where = isRemote ? address : "this machine";
    const folder = folders.get(id);
    return `- ${id}: ${where}${folder === undefined ? "" : `, in ${folder}`}${index === 0 ? " (the default)" : ""}`;
  });
  return [
    "The tools of this server work in one of these environments, named by environment_id:",
    ...rows,
    LOST_LINES,
  ].join("\n");
}

function hasNetwork({ sandbox }: ServedPlace): boolean {
  if (typeof sandbox !== "object" || !("permissions" in sandbox)) return true;
  const { permissions } = sandbox;
  return permissions.type !== "managed" || permissions.network === "enabled";
}
