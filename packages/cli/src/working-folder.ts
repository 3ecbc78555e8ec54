import { isAbsolute } from "node:path";
import { CommandFailure } from "./command-line/failure.ts";

/**
 * The folder that relative paths start at.
 *
 * @param named - Where the arguments say to work. It takes the place of a folder that is gone, if it needs none to start at.
 * @throws CommandFailure the folder is gone.
 */
export function workingFolder(named: string | undefined): string {
  try {
    return process.cwd();
  } catch (error) {
    if (named !== undefined && isAbsolute(named)) return named;
    throw new CommandFailure(
      "the folder that you are in is gone; go to another one, or name one by --cwd where there is such an option",
      { cause: error },
    );
  }
}
