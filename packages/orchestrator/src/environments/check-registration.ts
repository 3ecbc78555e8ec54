import { InvalidArgumentError } from "@holdfast/exec-client";
import {
  callback,
  checkOptions,
  clientCertificate,
  flag,
  type OptionChecks,
  stringsByName,
  text,
  timeLimit,
} from "@holdfast/rpc/client";
import { checkBearerToken } from "./bearer-token.ts";
import {
  type EnvironmentDefinition,
  LOCAL_ENVIRONMENT_ID,
  type ProgramEnvironment,
  type TargetEnvironment,
  type UrlEnvironment,
} from "./environment-definition.ts";
import { type EnvironmentError, invalidEnvironment } from "./environment-error.ts";

/** With this value an executor is said to be none, in any letter case. */
const NO_EXECUTOR = "none";

const ANY = { id: text, initializeTimeoutMs: timeLimit, requiredSkills: texts };

const URL_ENVIRONMENT: OptionChecks<UrlEnvironment> = {
  ...ANY,
  url: (value, name) => {
    if (typeof value !== "function") text(value, name);
  },
  bearerToken: text,
  registryHeaders: stringsByName,
  ca: text,
  clientCertificate,
  connectTimeoutMs: timeLimit,
};

const PROGRAM_ENVIRONMENT: OptionChecks<ProgramEnvironment> = {
  ...ANY,
  program: text,
  args: texts,
  env: stringsByName,
  cwd: text,
};

const TARGET_ENVIRONMENT: OptionChecks<TargetEnvironment> = {
  ...ANY,
  target: callback,
  isRemote: flag,
  address: text,
};

/**
 * Whether an environment can be registered. What is wrong with a URL beyond that is found out by connecting.
 *
 * @throws EnvironmentError `invalid` @throws InvalidArgumentError - A member is misspelt, or of the wrong type.
 */
export function checkRegistration(definition: EnvironmentDefinition): void {
  checkMembers(definition);
  const { id } = definition;
  if (id === "") throw invalidEnvironment("environment id cannot be empty", id);
  if ("url" in definition) checkUrl(definition);
  if ("program" in definition && definition.program.trim() === "") {
    throw invalidEnvironment(`environment \`${id}\` program cannot be empty`, id);
  }
  if (id === LOCAL_ENVIRONMENT_ID && !("target" in definition)) throw reservedLocal();
}

function checkMembers(definition: EnvironmentDefinition): void {
  const of = "an environment";
  if ("url" in definition) checkOptions(definition, URL_ENVIRONMENT, of);
  else if ("program" in definition) checkOptions(definition, PROGRAM_ENVIRONMENT, of);
  else {
    checkOptions(definition, TARGET_ENVIRONMENT, of);
    if (definition.target === undefined || definition.address === undefined) {
      throw new InvalidArgumentError("target", "an environment needs a url, a program, or a target with its address");
    }
  }
  text(definition.id, "id");
}

function texts(value: unknown, name: string): void {
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return;
  throw new InvalidArgumentError(name, `${name} must be an array of strings`);
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
