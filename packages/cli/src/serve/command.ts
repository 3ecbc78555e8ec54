import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { version } from "../version.ts";
import type { ConfiguredWords } from "./config/configured-words.ts";
import { readWords } from "./config/read-words.ts";
import { IdleEnd } from "./idle-end.ts";
import { limitTable } from "./limit-options.ts";
import { listen } from "./listen.ts";
import { openLog } from "./log/open-log.ts";
import { notePassedSocket } from "./manager/passed-socket.ts";
import { ServiceNotices, withoutManager } from "./manager/service-notices.ts";
import { Reload } from "./reload.ts";
import { type HandoverRole, takeHandoverRole } from "./replace/handover-variable.ts";
import { register } from "./replace/registration.ts";
import { heedReplacement, ignoreReplacement } from "./replace/replacement.ts";
import { takeOver } from "./replace/take-over.ts";
import { SecretPlaces } from "./secret-places.ts";
import type { ServeParts, Serving } from "./serving.ts";
import { servingExecutor } from "./serving-executor.ts";
import { type ServeSettings, serveSettings } from "./settings.ts";
import { toldToEndServing } from "./told-to-end.ts";

/** `holdfast serve` */
export async function run(given: Context, args: Arguments): Promise<number> {
  ignoreReplacement();
  if (args.has("json") && !args.has("check")) throw new UsageError("--json is for --check");
  if (args.has("replace")) return replace(given, args);
  const { role, context } = takeHandoverRole(notePassedSocket(given));
  const words = await readWords(args, context);
  try {
    return await serveAsTold(context, args, words, role);
  } catch (error) {
    throw words.inWordsOfFile(error);
  }
}

async function replace(context: Context, args: Arguments): Promise<number> {
  const others = args.names.filter((name) => name !== "replace" && name !== "listen");
  if (others.length > 0) {
    throw new UsageError(`--replace goes with --listen alone, not --${others[0]}: the executor keeps its options`);
  }
  const { askToReplace } = await import("./replace/ask-to-replace.ts");
  return askToReplace(context, args);
}

async function serveAsTold(
  context: Context,
  args: Arguments,
  words: ConfiguredWords,
  role: HandoverRole,
): Promise<number> {
  if (args.has("check")) {
    const { checkSettings } = await import("./check-settings.ts");
    return checkSettings(words, context, { asJson: args.has("json") });
  }
  const settings = serveSettings(words, context);
  if (args.text("limits") === "") {
    context.stdout.write(limitTable(settings.limits));
    return EXIT_OK;
  }
  const place = { env: withoutManager(context.env), cwd: context.cwd };
  if (role.kind === "trial") {
    const { answerTrial } = await import("./replace/answer-trial.ts");
    return answerTrial(settings, { ...place, stdout: context.stdout });
  }
  const log = openLog(settings.log, context);
  const notices = new ServiceNotices(context.env, (message, fields) => log.warn(message, fields));
  let reload: Reload | undefined;
  const toldToEnd = toldToEndServing({
    isExpected: args.text("config") !== undefined,
    reload: () => void reload?.run(),
  });
  const registration = register(context.env, log);
  const idle = settings.idleTimeoutMs === undefined ? undefined : new IdleEnd(settings.idleTimeoutMs);
  const ownFiles = words.file === undefined ? [] : [words.file];
  const secretPlaces = new SecretPlaces(settings);
  const onSessionCount = idle?.count;
  const parts = { settings, context, place, log, registration, toldToEnd, ownFiles, secretPlaces, onSessionCount };
  const { executor, listening } = role.kind === "successor" ? await takeOver(parts, role) : await begin(parts);
  try {
    reload = new Reload(settings, { read: () => settingsAnew(args, context), log, listening, notices, secretPlaces });
    heedReplacement({ executor, listening, registration, context, log });
    notices.ready(listening.url);
    log.info?.("serving", { url: listening.url, version: version(), pid: process.pid });
    await Promise.race([toldToEnd, listening.ended, ...(idle === undefined ? [] : [idle.ended])]);
    notices.stopping();
    log.info?.("shutting down");
    await Promise.all([executor.close(), listening.close()]);
  } finally {
    await executor.close();
    await registration.remove();
  }
  return EXIT_OK;
}

async function begin(parts: ServeParts): Promise<Serving> {
  const { settings, context, place, log, registration, toldToEnd, ownFiles, secretPlaces, onSessionCount } = parts;
  const executor = servingExecutor(settings, place, log, { ownFiles, secretPlaces, onSessionCount });
  try {
    const listening = await listen(settings, { executor, context, log, toldToEnd });
    if (listening.url !== undefined) {
      context.stdout.on("error", () => log.warn("the URL could not be written to stdout: its reader is gone"));
      context.stdout.write(`${listening.url}\n`);
      registration.serving(listening.url);
    }
    return { executor, listening };
  } catch (error) {
    await executor.close();
    throw error;
  }
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
