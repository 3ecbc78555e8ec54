import { READABLE_HANDOVER_VERSIONS, silentLog } from "@holdfast/executor";
import type { Context } from "../../command-line/context.ts";
import { EXIT_OK } from "../../command-line/failure.ts";
import { printableJson } from "../../command-line/printable.ts";
import { version } from "../../version.ts";
import { Secrets } from "../secrets.ts";
import { servingExecutor } from "../serving-executor.ts";
import type { ServeSettings } from "../settings.ts";
import type { TrialAnswer } from "./try-successor.ts";

/**
 * Do all that taking over needs but for the taking, and say that it would do.
 *
 * @throws CommandFailure with what would stand in the way.
 */
export async function answerTrial(
  settings: ServeSettings,
  context: Pick<Context, "env" | "cwd" | "stdout">,
): Promise<number> {
  // What listens later is loaded now.
  await import("@holdfast/rpc/websocket");
  await Secrets.read(settings.access);
  await servingExecutor(settings, context, silentLog).close();
  const answer = { handover: READABLE_HANDOVER_VERSIONS, version: version() } satisfies TrialAnswer;
  context.stdout.write(printableJson(answer));
  return EXIT_OK;
}
