import { homedir, hostname } from "node:os";
import type { AcceptedMessage } from "../corpus.ts";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { temporaryFolder } from "../places.ts";
import { startRecorder } from "../recorder.ts";
import { WireLine } from "../wire-line.ts";
import { driveExtension } from "./drive-extension.ts";
import { driveSharing } from "./drive-sharing.ts";
import { labelMessages } from "./label-messages.ts";
import { Scrubber } from "./scrub.ts";
import { oncePerShape } from "./shape.ts";

const EXTENSION = /^holdfast\//;
const TEMPORARY_FOLDER = /\/t-[A-Za-z0-9]{6}/g;
const PORT_IN_TEXT = /port \d+/g;
const PORT_ALONE = /^\d{4,5}$/g;

/** Every message of this project's extension, once per shape, with nothing of this machine in it. */
export async function recordExtension(): Promise<AcceptedMessage[]> {
  await using folder = await temporaryFolder();
  await using executor = await startHoldfastExecutor(folder.path);
  await using recorder = await startRecorder(executor.url);
  await using line = await WireLine.open(recorder.url);
  const info = await line.call("environment/info", null);
  await driveExtension(line, folder.path);
  await using other = await WireLine.open(recorder.url);
  await driveSharing(line, other, folder.path);
  const release = `holdfast ${String(info.result?.executorVersion)}`;
  const scrubber = new Scrubber([
    [folder.path, "/srv/repo"],
    [homedir(), "/home/dev"],
    [hostname(), "executor"],
    [TEMPORARY_FOLDER, "/t-x1Y2z3"],
    [PORT_IN_TEXT, "port 40000"],
    [PORT_ALONE, "40000"],
  ]);
  const messages = labelMessages([...recorder.messages])
    .filter(({ method }) => EXTENSION.test(method))
    .map(({ message, ...label }): AcceptedMessage => {
      const neutral = scrubber.scrub(message) as AcceptedMessage["message"];
      const author = label.from === "client" ? "driver" : "release";
      return { release, author, ...label, message: "id" in neutral ? { ...neutral, id: 1 } : neutral };
    });
  return oncePerShape(messages);
}
