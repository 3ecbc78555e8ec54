import { ProjectDocs } from "../../agent/context/project-docs.ts";
import { reachablePlace } from "../../agent/context/reachable-place.ts";
import type { FullSettings } from "../../agent/threads/thread-settings.ts";
import { turnConfig } from "../../agent/turn/turn-config.ts";
import { LOCAL_ENVIRONMENT_ID } from "../../environments/environment-definition.ts";
import type { HostServices } from "../host-services.ts";

/** The files of the instructions that the next turn of a thread has, as far as nothing has to be connected for that. */
export async function instructionSources(
  { environments, config, codexHome: folder, clock }: HostServices,
  { environments: [first], config: overrides, cwd }: FullSettings,
): Promise<string[]> {
  const { docMaxBytes: maxBytes } = turnConfig(await config.table(overrides, { cwd }));
  const home = reachablePlace(environments, { environmentId: LOCAL_ENVIRONMENT_ID, cwd: folder });
  const project = first && reachablePlace(environments, first);
  const docs = await new ProjectDocs(clock).of({ home, project, maxBytes, signal: new AbortController().signal });
  return [...(docs?.sources ?? [])];
}
