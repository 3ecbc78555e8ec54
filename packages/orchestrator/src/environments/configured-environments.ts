import { join } from "node:path";
import { isRelayUrl, relayUrl } from "@holdfast/exec-client";
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
  /** Variables of this program; only those of Codex are looked at, and those that hold tokens of relays. */
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

const ACCOUNT_VARIABLE = "CODEX_EXEC_SERVER_NOISE_CHATGPT_ACCOUNT_ID";

const URL_VARIABLE = "CODEX_EXEC_SERVER_URL";

/** Holds the token for a relay, where nothing else is said. */
const RELAY_TOKEN_VARIABLE = "HOLDFAST_RELAY_TOKEN";

/**
 * Which environments there are: those of the rendezvous variables, else of `environments.toml`, else of `CODEX_EXEC_SERVER_URL`; and this machine alone where
 * nothing says. The first that says anything is the only one.
 *
 * @throws EnvironmentError - `invalid`: some of the rendezvous variables are set and others not; the file is refused.
 */
export async function configuredEnvironments(sources: EnvironmentSources): Promise<ConfiguredEnvironments> {
  const { variables, codexHome } = sources;
  const rendezvous = RENDEZVOUS.map((name) => variables[name]?.trim() ?? "");
  if (rendezvous.some((value) => value !== "")) return rendezvousEnvironments(rendezvous, variables);
  const file = await readEnvironmentsFile(join(codexHome, ENVIRONMENTS_FILE_NAME));
  const local: EnvironmentDefinition = { ...sources.local, id: LOCAL_ENVIRONMENT_ID };
  if (file !== undefined) {
    const remote = file.environments.map((each) => withToken(each, variables, file.tokenVariables.get(each.id)));
    const environments = [...(file.includesLocal ? [local] : []), ...remote];
    return { source: "file", environments, defaultId: file.defaultId };
  }
  const url = variables[URL_VARIABLE]?.trim() ?? "";
  if (url === "") return { source: "default", environments: [local], defaultId: LOCAL_ENVIRONMENT_ID };
  if (url.toLowerCase() === NO_ENVIRONMENT) return { source: "variable", environments: [], defaultId: undefined };
  const remote = withToken({ id: REMOTE_ENVIRONMENT_ID, url }, variables);
  return { source: "variable", environments: [remote], defaultId: REMOTE_ENVIRONMENT_ID };
}

/** One behind a relay has its token from a variable, where it has none of its own. */
function withToken(
  definition: EnvironmentDefinition,
  variables: EnvironmentSources["variables"],
  name: string = RELAY_TOKEN_VARIABLE,
): EnvironmentDefinition {
  if (!("url" in definition) || typeof definition.url !== "string" || definition.bearerToken !== undefined) {
    return definition;
  }
  const url = URL.parse(definition.url);
  const token = variables[name]?.trim() ?? "";
  return url === null || !isRelayUrl(url) || token === "" ? definition : { ...definition, bearerToken: token };
}

function rendezvousEnvironments(
  values: readonly string[],
  variables: EnvironmentSources["variables"],
): ConfiguredEnvironments {
  if (values.includes("")) {
    const [registry, id, token] = RENDEZVOUS;
    const needs = `Noise environment requires ${registry}, ${id}, and ${token}`;
    throw new EnvironmentError("invalid", `environment registry configuration error: ${needs}`);
  }
  const [registry = "", id = "", bearerToken] = values;
  const account = variables[ACCOUNT_VARIABLE]?.trim() ?? "";
  const remote: EnvironmentDefinition = {
    id: REMOTE_ENVIRONMENT_ID,
    url: addressOf(registry, id),
    bearerToken,
    ...(account === "" ? {} : { registryHeaders: { "chatgpt-account-id": account } }),
  };
  return { source: "rendezvous", environments: [remote], defaultId: REMOTE_ENVIRONMENT_ID };
}

function addressOf(registry: string, id: string): string {
  try {
    return relayUrl(registry, id);
  } catch (cause) {
    const detail = `${RENDEZVOUS[0]} must be an http:// or https:// URL without a query`;
    throw new EnvironmentError("invalid", `environment registry configuration error: ${detail}`, { cause });
  }
}
