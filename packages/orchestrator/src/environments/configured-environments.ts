import { join } from "node:path";
import {
  type EnvironmentDefinition,
  LOCAL_ENVIRONMENT_ID,
  REMOTE_ENVIRONMENT_ID,
  type TargetEnvironment,
} from "./environment-definition.ts";
import { EnvironmentError } from "./environment-error.ts";
import { NO_ENVIRONMENT } from "./environment-id.ts";
import { readEnvironmentsFile } from "./file/read-environments-file.ts";

/** Name of the file with environments, in the home of Codex. */
export const ENVIRONMENTS_FILE_NAME = "environments.toml";

/** Where it is said which environments there are. */
export interface EnvironmentSources {
  /** Variables of this program; only those of Codex are looked at. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** `$CODEX_HOME`, absolute. */
  readonly codexHome: string;
  /** The environment of this machine, taken where it is included. */
  readonly local: Omit<TargetEnvironment, "id">;
}

/** What they say. For the registry. */
export interface ConfiguredEnvironments {
  /** What said it; `default`: nothing did. */
  readonly source: "rendezvous" | "file" | "variable" | "default";
  readonly environments: readonly EnvironmentDefinition[];
  readonly defaultId: string | undefined;
}

const RENDEZVOUS = [
  "CODEX_EXEC_SERVER_NOISE_REGISTRY_URL",
  "CODEX_EXEC_SERVER_NOISE_ENVIRONMENT_ID",
  "CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN",
] as const;

const URL_VARIABLE = "CODEX_EXEC_SERVER_URL";

/**
 * Which environments there are: those of the rendezvous variables, else of `environments.toml`, else of `CODEX_EXEC_SERVER_URL`; and this machine alone where
 * nothing says. The first that says anything is the only one.
 *
 * @throws EnvironmentError - `invalid`: some of the rendezvous variables are set and others not; the file is refused.
 */
export async function configuredEnvironments(sources: EnvironmentSources): Promise<ConfiguredEnvironments> {
  const { variables, codexHome } = sources;
  const rendezvous = RENDEZVOUS.map((name) => variables[name]?.trim() ?? "");
  if (rendezvous.some((value) => value !== "")) return rendezvousEnvironments(rendezvous);
  const file = await readEnvironmentsFile(join(codexHome, ENVIRONMENTS_FILE_NAME));
  const local: EnvironmentDefinition = { ...sources.local, id: LOCAL_ENVIRONMENT_ID };
  if (file !== undefined) {
    const environments = [...(file.includesLocal ? [local] : []), ...file.environments];
    return { source: "file", environments, defaultId: file.defaultId };
  }
  const url = variables[URL_VARIABLE]?.trim() ?? "";
  if (url === "") return { source: "default", environments: [local], defaultId: LOCAL_ENVIRONMENT_ID };
  if (url.toLowerCase() === NO_ENVIRONMENT) return { source: "variable", environments: [], defaultId: undefined };
  const remote = { id: REMOTE_ENVIRONMENT_ID, url };
  return { source: "variable", environments: [remote], defaultId: REMOTE_ENVIRONMENT_ID };
}

function rendezvousEnvironments(values: readonly string[]): ConfiguredEnvironments {
  if (values.includes("")) {
    const [registry, id, token] = RENDEZVOUS;
    const needs = `Noise environment requires ${registry}, ${id}, and ${token}`;
    throw new EnvironmentError("invalid", `environment registry configuration error: ${needs}`);
  }
  const remote: EnvironmentDefinition = {
    id: REMOTE_ENVIRONMENT_ID,
    address: "a rendezvous",
    target: () => {
      throw new Error("this release can not meet an executor at a rendezvous; unset CODEX_EXEC_SERVER_NOISE_…");
    },
  };
  return { source: "rendezvous", environments: [remote], defaultId: REMOTE_ENVIRONMENT_ID };
}
