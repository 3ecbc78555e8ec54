import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { version } from "../version.ts";
import type { ConfiguredWords } from "./config/configured-words.ts";
import { readWords } from "./config/read-words.ts";
import { limitTable } from "./limit-options.ts";
import { listen } from "./listen.ts";
import { openLog } from "./log/open-log.ts";
import { ServiceNotices, withoutManager } from "./manager/service-notices.ts";
import { Reload } from "./reload.ts";
import { servingExecutor } from "./serving-executor.ts";
import { type ServeSettings, serveSettings } from "./settings.ts";
import { toldToEndServing } from "./told-to-end.ts";

/** `holdfast serve` */
export async function run(context: Context, args: Arguments): Promise<number> {
  if (args.has("json") && !args.has("check")) throw new UsageError("--json is for --check");
  const words = await readWords(args, context);
  try {
    return await serveAsTold(context, args, words);
  } catch (error) {
    throw words.inWordsOfFile(error);
  }
}

async function serveAsTold(context: Context, args: Arguments, words: ConfiguredWords): Promise<number> {
  if (args.has("check")) {
    const { checkSettings } = await import("./check-settings.ts");
    return checkSettings(words, context, { asJson: args.has("json") });
  }
  const settings = serveSettings(words, context);
  if (args.text("limits") === "") {
    context.stdout.write(limitTable(settings.limits));
    return EXIT_OK;
  }
  const log = openLog(settings.log, context.stderr);
  const notices = new ServiceNotices(context.env, (message, fields) => log.warn(message, fields));
  let reload: Reload | undefined;
  const toldToEnd = toldToEndServing({
    isExpected: args.text("config") !== undefined,
    reload: () => void reload?.run(),
  });
  const place = { env: withoutManager(context.env), cwd: context.cwd };
  const executor = servingExecutor(settings, place, log, words.file === undefined ? [] : [words.file]);
  try {
    const listening = await listen(settings, { executor, context, log });
    reload = new Reload(settings, { read: () => settingsAnew(args, context), log, listening, notices });
    if (listening.url !== undefined) {
      context.stdout.on("error", () => log.warn("the URL could not be written to stdout: its reader is gone"));
      context.stdout.write(`${listening.url}\n`);
    }
    notices.ready(listening.url);
    log.info?.("serving", { url: listening.url, version: version(), pid: process.pid });
    await Promise.race([toldToEnd, listening.ended]);
    notices.stopping();
    log.info?.("shutting down");
    await Promise.all([executor.close(), listening.close()]);
  } finally {
    await executor.close();
  }
  return EXIT_OK;
}

/** @throws CommandFailure or UsageError in the words of the file, where it is about one. */
async function settingsAnew(args: Arguments, context: Context): Promise<ServeSettings> {
  const words = await readWords(args, context);
  try {
    return serveSettings(words, context);
  } catch (error) {
    throw words.inWordsOfFile(error);
  }
}
