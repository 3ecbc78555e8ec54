import type { ConnectOptions, ConnectTarget } from "@holdfast/exec-client";
import { shownUrl } from "@holdfast/rpc";
import type { Attempt } from "./attempt-failure.ts";
import type { EnvironmentDefinition, ProgramEnvironment, UrlEnvironment } from "./environment-definition.ts";
import { CONNECT_TIMEOUT_MS, INITIALIZE_TIMEOUT_MS } from "./limits.ts";
import { resolvedTarget } from "./resolved-target.ts";
import { secretsOf, secretValues } from "./secrets.ts";

/** How an environment is connected, worked out from its definition. */
export interface ConnectPlan {
  readonly attempt: Attempt;
  readonly isRemote: boolean;
  /** Whether it is connected as soon as it is registered. */
  readonly startsInBackground: boolean;
  /** Whether a connection that was lost for good is made anew at the next use. */
  readonly reconnects: boolean;
  readonly target: () => ConnectTarget | Promise<ConnectTarget>;
  /** Milliseconds that finding the target may take. */
  readonly targetTimeoutMs: number;
  readonly options: Pick<
    ConnectOptions,
    "token" | "headers" | "ca" | "clientCertificate" | "connectTimeoutMs" | "initializeTimeoutMs"
  >;
}

/** What of a registry the way to an environment depends on. */
export interface ConnectMeans {
  /** How a URL is reached that is no websocket. Default: as it is. */
  readonly targetOf?: ((url: URL) => ConnectTarget) | undefined;
  /** Variables of programs. */
  readonly programEnv: Readonly<Record<string, string | undefined>>;
}

const RESOLVED = "a URL that is made for each connection";

export function connectPlan(definition: EnvironmentDefinition, means: ConnectMeans): ConnectPlan {
  if ("url" in definition) return urlPlan(definition, means);
  if ("program" in definition) return programPlan(definition, means);
  const { initializeTimeoutMs = INITIALIZE_TIMEOUT_MS } = definition;
  return {
    attempt: attemptOf(definition, { kind: "other", address: definition.address, initializeTimeoutMs }),
    isRemote: definition.isRemote ?? true,
    startsInBackground: false,
    reconnects: true,
    target: definition.target,
    targetTimeoutMs: CONNECT_TIMEOUT_MS,
    options: { initializeTimeoutMs },
  };
}

function urlPlan(definition: UrlEnvironment, { targetOf = (url) => url }: ConnectMeans): ConnectPlan {
  const { url, bearerToken, registryHeaders, ca, clientCertificate } = definition;
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, initializeTimeoutMs = INITIALIZE_TIMEOUT_MS } = definition;
  const own = bearerToken === undefined ? [] : [bearerToken];
  const secrets = [...own, ...(typeof url === "string" ? secretsOf(url) : [])];
  const isSocket = typeof url !== "string" || /^wss?:/iu.test(url);
  const address = typeof url === "string" ? shownUrl(url) : RESOLVED;
  return {
    attempt: attemptOf(definition, {
      kind: isSocket ? "websocket" : "other",
      address,
      connectTimeoutMs,
      initializeTimeoutMs,
      secrets,
    }),
    isRemote: true,
    startsInBackground: true,
    reconnects: true,
    target: typeof url === "string" ? () => targetAt(url, targetOf) : () => resolvedTarget(url, definition, secrets),
    targetTimeoutMs: connectTimeoutMs,
    options: {
      token: bearerToken,
      headers: registryHeaders,
      ca,
      clientCertificate,
      connectTimeoutMs,
      initializeTimeoutMs,
    },
  };
}

function targetAt(text: string, targetOf: (url: URL) => ConnectTarget): ConnectTarget {
  const url = URL.parse(text);
  return url === null || /^wss?:$/u.test(url.protocol) ? text : targetOf(url);
}

function programPlan(definition: ProgramEnvironment, { programEnv }: ConnectMeans): ConnectPlan {
  const { program, args = [], env = {}, cwd, initializeTimeoutMs = INITIALIZE_TIMEOUT_MS } = definition;
  return {
    attempt: attemptOf(definition, {
      kind: "program",
      address: [program, ...args].join(" "),
      initializeTimeoutMs,
      secrets: secretValues(Object.values(env)),
    }),
    isRemote: true,
    startsInBackground: false,
    reconnects: false,
    // An executor behind it may outlive the program: then its session is resumed by another one.
    target: () => ({ command: program, args, env: { ...programEnv, ...env }, cwd, redial: true }),
    targetTimeoutMs: CONNECT_TIMEOUT_MS,
    options: { initializeTimeoutMs },
  };
}

function attemptOf(
  { id }: EnvironmentDefinition,
  parts: Pick<Attempt, "kind" | "address" | "initializeTimeoutMs"> & Partial<Attempt>,
): Attempt {
  return { environmentId: id, connectTimeoutMs: CONNECT_TIMEOUT_MS, secrets: [], ...parts };
}
