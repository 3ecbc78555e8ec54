import { LOCAL_ENVIRONMENT_ID } from "./environment-definition.ts";
import { invalidEnvironment } from "./environment-error.ts";
import { ENVIRONMENT_ID_MAX_BYTES } from "./limits.ts";

/** Stands for no environment, in any letter case. */
export const NO_ENVIRONMENT = "none";

/**
 * Whether an id may stand in a file: 1 to 64 ASCII letters, digits, `-` and `_`, and neither `local` nor `none`.
 *
 * @throws EnvironmentError `invalid`
 */
export function checkEnvironmentId(id: string): void {
  if (id === "") throw invalidEnvironment("environment id cannot be empty", id);
  const refusal = problemOf(id);
  if (refusal !== undefined) throw invalidEnvironment(`environment id \`${id}\` ${refusal}`, id);
}

function problemOf(id: string): string | undefined {
  if (id.trim() !== id) return "must not contain surrounding whitespace";
  if (id === LOCAL_ENVIRONMENT_ID || id.toLowerCase() === NO_ENVIRONMENT) return "is reserved";
  if (Buffer.byteLength(id) > ENVIRONMENT_ID_MAX_BYTES) {
    return `cannot be longer than ${ENVIRONMENT_ID_MAX_BYTES} characters`;
  }
  return /^[A-Za-z0-9_-]+$/u.test(id) ? undefined : "must contain only ASCII letters, numbers, '-' or '_'";
}
