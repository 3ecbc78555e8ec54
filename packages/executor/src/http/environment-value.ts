import { invalidHttpRequest } from "./http-fault.ts";

/** Variables that hold someone's credentials: no request may carry them away. Compared without regard to case. */
const CREDENTIAL_VARIABLES: ReadonlySet<string> = new Set([
  "OPENAI_API_KEY",
  "CODEX_API_KEY",
  "CODEX_ACCESS_TOKEN",
  "CODEX_CONNECTORS_TOKEN",
  "CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AZURE_CLIENT_SECRET",
  "AZURE_FEDERATED_TOKEN_FILE",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "OPENAI_FEDERATED_TOKEN_FILE",
  "OPENAI_IDENTITY_TOKEN",
  "OPENAI_IDENTITY_TOKEN_FILE",
  "OPENAI_WORKLOAD_IDENTITY_TOKEN",
  "OPENAI_WORKLOAD_IDENTITY_TOKEN_FILE",
]);

/**
 * The value of a variable of the executor's environment that a header asks for.
 *
 * @throws HttpFault it is unset, empty, or a credential.
 */
export function environmentValue(header: string, variable: string, env: Readonly<Record<string, string>>): string {
  if (CREDENTIAL_VARIABLES.has(variable.toUpperCase())) {
    throw invalidHttpRequest(`header ${header} cannot use executor environment variable ${variable}`);
  }
  const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
  if (value === undefined) {
    throw invalidHttpRequest(`header ${header} requires executor environment variable ${variable}`);
  }
  if (value === "") {
    throw invalidHttpRequest(`header ${header} requires a non-empty executor environment variable ${variable}`);
  }
  return value;
}
