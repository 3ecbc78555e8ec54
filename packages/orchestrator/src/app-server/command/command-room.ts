import { resolve } from "node:path";
import type { CommandExecParams, CommandExecResponse } from "@holdfast/app-server-protocol";
import type { Executor, StartOptions } from "@holdfast/exec-client";
import { pathUriFromNative } from "@holdfast/path-uri";
import type { TomlTable } from "../../config/toml-document.ts";
import type { CommandConfinement } from "../../permissions/command-confinement.ts";
import { internalError } from "../faults.ts";
import type { HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";
import { checkSize } from "../hosted-process/check-size.ts";
import { ClientProcesses } from "../hosted-process/client-processes.ts";
import { inputData } from "../hosted-process/input-data.ts";
import { DETACHED_MAX_MS, KEPT_MAX_BYTES } from "../hosted-process/limits.ts";
import { KeptOutput, type OutputDelta, type StreamSink, ToldOutput } from "../hosted-process/output-sinks.ts";
import { COMMAND_WORDS } from "../hosted-process/process-words.ts";
import { localExecutor } from "../local-executor.ts";
import type { Room } from "../room.ts";
import {
  type CommandRequest,
  checkCommandMembers,
  checkWindowsSandbox,
  commandRequestOf,
  whatOf,
} from "./check-command.ts";
import { confinementOfCommand, variablesOfCommand } from "./command-settings.ts";

const TOO_MUCH = `the command was ended: it printed more than ${KEPT_MAX_BYTES} bytes, which one answer can hold; set outputBytesCap, or streamStdoutStderr to have them as they come`;

/** `command/exec`: a command without a thread, answered at its end, and what its client does to it meanwhile. */
export function commandRoom(services: HostServices): Room {
  const processes = new ClientProcesses(COMMAND_WORDS, services.clock);
  return {
    handlers: {
      "command/exec": (params, { client }) => exec(params, client),
      "command/exec/write": async (params, { client }) => {
        const data = inputData(params, COMMAND_WORDS);
        await processes.get(client, params.processId).write(data, params.closeStdin === true);
        return {};
      },
      "command/exec/resize": async ({ processId, size }, { client }) => {
        checkSize(size, COMMAND_WORDS);
        await processes.get(client, processId).resize(size);
        return {};
      },
      "command/exec/terminate": async ({ processId }, { client }) => {
        await processes.get(client, processId).terminate();
        return {};
      },
    },
    left: (client) => processes.left(client),
    close: () => processes.close(),
  };

  async function exec(params: CommandExecParams, client: HostClient): Promise<CommandExecResponse> {
    checkCommandMembers(params);
    // The id is taken at once: what the client sends right behind is for this command.
    return await processes.with(client, whatOf(params), async (process) => {
      const [executor, config] = await Promise.all([localExecutor(services), services.config.table()]);
      const where = placeOf(params, services, executor);
      const confinement = confinementOfCommand({ params, config }, where.place);
      const request = commandRequestOf(params);
      const options = optionsOf(params, request, { ...where, config, confinement });
      let isTooMuch = false;
      const sinkOf = (stream: "stdout" | "stderr"): StreamSink => {
        const { id: processId, capBytes, isTold } = request;
        if (isTold && processId !== undefined) {
          const tell = (delta: OutputDelta): void =>
            client.notify("command/exec/outputDelta", { processId, stream, ...delta });
          return new ToldOutput(capBytes, client, { tell });
        }
        return new KeptOutput(capBytes, () => {
          isTooMuch = true;
          process.abandon();
        });
      };
      const [stdout, stderr] = [sinkOf("stdout"), sinkOf("stderr")];
      const { ended } = await process.start({ ...request, executor, options, stdout, stderr });
      const { exitCode } = await ended;
      if (isTooMuch) throw internalError(TOO_MUCH);
      return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
    });
  }
}

function placeOf({ cwd: asked }: CommandExecParams, { cwd: own }: HostServices, { environment }: Executor) {
  const cwd = resolve(own, asked ?? "");
  return { cwd, place: { cwd: pathUriFromNative(cwd, environment.pathConvention ?? "posix"), environment } };
}

interface CommandPlace extends ReturnType<typeof placeOf> {
  readonly config: TomlTable;
  readonly confinement: CommandConfinement;
}

function optionsOf(params: CommandExecParams, request: CommandRequest, where: CommandPlace): StartOptions {
  const { cwd, place, config, confinement } = where;
  const { pathConvention, capabilities } = place.environment;
  const { argv, terminal, takesInput } = request;
  if (confinement.sandbox !== undefined && pathConvention === "windows") checkWindowsSandbox(params, request);
  return {
    argv,
    cwd,
    ...variablesOfCommand(params.env, config, confinement),
    sandbox: confinement.sandbox,
    ...(terminal === undefined ? { stdin: takesInput ? "pipe" : "none" } : { terminal }),
    ...(capabilities.holdfastProcessEnding ? { maxDetachedMs: DETACHED_MAX_MS } : {}),
  };
}
