import { checkBearerToken } from "./bearer-token.ts";
import { type EnvironmentDefinition, LOCAL_ENVIRONMENT_ID, type UrlEnvironment } from "./environment-definition.ts";
import { type EnvironmentError, invalidEnvironment } from "./environment-error.ts";

/** With this value an executor is said to be none, in any letter case. */
const NO_EXECUTOR = "none";

/**
 * Whether an environment can be registered. What is wrong with a URL beyond that is found out by connecting.
 *
 * @throws EnvironmentError `invalid`
 */
export function checkRegistration(definition: EnvironmentDefinition): void {
  const { id } = definition;
  if (id === "") throw invalidEnvironment("environment id cannot be empty", id);
  if ("url" in definition) checkUrl(definition);
  if ("program" in definition && definition.program.trim() === "") {
    throw invalidEnvironment(`environment \`${id}\` program cannot be empty`, id);
  }
  if (id === LOCAL_ENVIRONMENT_ID && !("target" in definition)) throw reservedLocal();
}

/** That of this machine is there from the beginning, or not at all. */
export function reservedLocal(): EnvironmentError {
  const detail = `environment id \`${LOCAL_ENVIRONMENT_ID}\` is reserved for EnvironmentManager`;
  return invalidEnvironment(detail, LOCAL_ENVIRONMENT_ID);
}

function checkUrl({ id, url, bearerToken }: UrlEnvironment): void {
  if (typeof url === "string") {
    if (url.trim() === "") throw invalidEnvironment("remote environment requires an exec-server url", id);
    if (url.trim().toLowerCase() === NO_EXECUTOR) {
      throw invalidEnvironment("remote environment cannot use disabled exec-server url", id);
    }
  }
  const parsed = typeof url === "string" ? URL.parse(url) : null;
  if (parsed !== null && bearerToken !== undefined) checkBearerToken(bearerToken, parsed, id);
}
