import { TokensFileError } from "@holdfast/relay/tokens";
import { FileLockError } from "@holdfast/rpc/file-lock";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";

/** What is done with a tokens file, whose failures a user can do something about. @throws CommandFailure */
export async function withTokensFile<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TokensFileError || error instanceof FileLockError)) throw error;
    throw new CommandFailure(reasonOf(error), { cause: error });
  }
}
