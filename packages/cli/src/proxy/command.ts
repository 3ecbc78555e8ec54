import { type FramePort, joinPorts } from "@holdfast/rpc";
import { standardStreams, stdioPort } from "@holdfast/rpc/stdio";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { ownFolder } from "../own-folder.ts";
import { version } from "../version.ts";
import { goesWith } from "./goes-with.ts";
import { markAsUsed } from "./mark-as-used.ts";
import { MESSAGE_MAX_BYTES, openOwnExecutor } from "./own-executor.ts";

/** The client's release does not go with this one: whoever asked looks for another. */
const EXIT_OTHER_RELEASE = 78;
/** It is the right one, and yet it does not work. */
const EXIT_BROKEN = 70;

/**
 * A client that was announced to sends something every 5 s. One that was not heard of for this long is gone, though the pipes are still
 * open, as they are behind an ssh whose network is down: its session can be resumed.
 */
const HEARTBEAT = { intervalMs: 5_000, silenceMs: 15_000 };

/** `holdfast proxy` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const asked = args.text("for");
  if (asked !== undefined && !goesWith(asked, version())) {
    const message = `this is release ${version()}, which a client of release ${asked} does not go with`;
    throw new CommandFailure(message, { exitCode: EXIT_OTHER_RELEASE });
  }
  const announcement = args.text("announce");
  using _use = args.text("build") === undefined ? undefined : markAsUsed(ownFolder());
  try {
    const executor = await openOwnExecutor(context, {
      build: args.text("build"),
      idleTimeout: args.text("idle-timeout"),
      sessionTtl: args.text("session-ttl"),
    });
    await join(context, executor, announcement);
  } catch (error) {
    if (announcement === undefined || !(error instanceof CommandFailure)) throw error;
    throw new CommandFailure(error.message, { cause: error, exitCode: EXIT_BROKEN });
  }
  return EXIT_OK;
}

/** Resolves when the client is gone. @throws CommandFailure the executor is. */
async function join(
  { stdin, stdout }: Pick<Context, "stdin" | "stdout">,
  executor: FramePort,
  announcement: string | undefined,
): Promise<void> {
  const { input, output } = standardStreams({ stdin: () => stdin, stdout: () => stdout });
  if (announcement !== undefined) output.write(`${announcement} ready\n`);
  const heartbeat = announcement === undefined ? undefined : HEARTBEAT;
  const client = stdioPort({ input, output, maxLineBytes: MESSAGE_MAX_BYTES, heartbeat });
  // It asks by itself: that it is silent says enough.
  client.askForSigns?.(() => {});
  const { from, close } = await joinPorts(client, executor);
  if (from === executor && close.initiator === "fault") {
    throw new CommandFailure(`the executor was lost: ${reasonOf(close.reason)}`);
  }
}
