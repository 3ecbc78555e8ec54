import { EnvironmentsFileError, isEnvironmentError } from "@holdfast/orchestrator";
import { CommandFailure } from "../command-line/failure.ts";

/** What to tell of a configuration that is refused; anything else as it is. */
export function configurationFailure(error: unknown): unknown {
  if (!isEnvironmentError(error)) return error;
  if (!(error instanceof EnvironmentsFileError)) return new CommandFailure(error.message, { cause: error });
  const { file, line, detail } = error;
  // Some of them name it themselves.
  const place = detail.includes(file) ? "" : `${file}:${line === undefined ? "" : `${line}:`} `;
  return new CommandFailure(place + detail, { cause: error });
}
