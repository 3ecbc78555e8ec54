import type { CommandExecutionSource, ThreadItem } from "@holdfast/app-server-protocol";
import { isPathUriError, type PathUri, pathUriFromInferredNative } from "@holdfast/path-uri";
import type { Clock } from "@holdfast/rpc";
import type { ExecBegin, ExecEnd, ExecEvent } from "../../unified-exec/exec-event.ts";
import { COMMAND_END_MS } from "../turn/limits.ts";
import type { TurnItems } from "../turn/turn-items.ts";
import type { TurnPort } from "../turn/turn-port.ts";
import { commandActions } from "./command-actions.ts";
import { commandLine } from "./command-line.ts";
import { OUTPUT_DELTAS_MAX } from "./limits.ts";

/** A command as an item. */
export type CommandItem = Extract<ThreadItem, { type: "commandExecution" }>;

/** Which turn a command belongs to, for as long as it runs. */
export interface CommandOwner {
  readonly port: TurnPort;
  readonly items: TurnItems;
  /** As what a command that runs is told. */
  readonly source: CommandExecutionSource;
  /** Id of its item. */
  readonly itemId: string;
}

interface Command {
  readonly owner: CommandOwner;
  item: CommandItem | undefined;
  command: string;
  deltas: number;
  readonly ended: Promise<CommandItem | undefined>;
  readonly end: (item: CommandItem | undefined) => void;
  readonly decoders: {
    readonly stdout: InstanceType<typeof TextDecoder>;
    readonly stderr: InstanceType<typeof TextDecoder>;
  };
}

/** A command that is open. */
export interface OpenCommand {
  readonly item: CommandItem;
  readonly command: string;
  readonly owner: CommandOwner;
}

/** Tells of commands as items: those of turns, and those that go on behind their end. */
export class CommandItems {
  readonly #clock: Clock;
  readonly #commands = new Map<string, Command>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A call is about to be made. @returns False: there is one of that id that has not ended. */
  expect(callId: string, owner: CommandOwner): boolean {
    if (this.#commands.has(callId)) return false;
    const { promise: ended, resolve: end } = Promise.withResolvers<CommandItem | undefined>();
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    this.#commands.set(callId, { owner, item: undefined, command: "", deltas: 0, ended, end, decoders });
    return true;
  }

  /** It came to nothing: no command was even begun. */
  forgetUnbegun(callId: string): void {
    const found = this.#commands.get(callId);
    if (found === undefined || found.item !== undefined) return;
    this.#commands.delete(callId);
    found.end(undefined);
  }

  open(callId: string): OpenCommand | undefined {
    const found = this.#commands.get(callId);
    return found?.item === undefined ? undefined : { item: found.item, command: found.command, owner: found.owner };
  }

  /** Somebody is about to be asked about it. */
  asking(callId: string): OpenCommand | undefined {
    const found = this.#commands.get(callId);
    if (found?.item !== undefined) found.owner.items.start(found.item);
    return this.open(callId);
  }

  /** Wait until its end has been told, which as a rule comes with its exit: what it left in the background may hold it back. */
  async told(callId: string): Promise<void> {
    const found = this.#commands.get(callId);
    if (found === undefined) return;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(COMMAND_END_MS, resolve);
    await Promise.race([found.ended, late]);
    timer.cancel();
  }

  /** As what it ended. Undefined: it never began, or there is none of that id. */
  async ended(callId: string): Promise<CommandItem | undefined> {
    return await this.#commands.get(callId)?.ended;
  }

  /** For the listener of a `UnifiedExec`. */
  follow(event: ExecEvent): void {
    const found = this.#commands.get(event.callId);
    if (found === undefined) return;
    try {
      this.#tell(found, event);
    } catch {
      // What can not be kept any more, as on a full disk, must not end the program: the turn fails by what it records next.
    }
    if (event.type !== "end") return;
    this.#commands.delete(event.callId);
    found.end(found.item);
  }

  #tell(found: Command, event: ExecEvent): void {
    const { owner } = found;
    switch (event.type) {
      case "begin":
        found.command = event.command;
        found.item = beginning(event, owner.itemId);
        return;
      case "started":
        if (found.item === undefined) return;
        found.item = { ...found.item, source: owner.source, processId: processIdOf(owner, event.processId) };
        owner.items.start(found.item);
        return;
      case "output": {
        found.deltas += 1;
        if (found.deltas > OUTPUT_DELTAS_MAX) return;
        const decoder = found.decoders[event.stream === "stderr" ? "stderr" : "stdout"];
        const delta = decoder.decode(event.data, { stream: true });
        if (delta !== "") owner.port.emit("item/commandExecution/outputDelta", { itemId: owner.itemId, delta });
        return;
      }
      case "input":
        owner.port.emit("item/commandExecution/terminalInteraction", {
          itemId: owner.itemId,
          processId: String(event.processId),
          stdin: event.chars,
        });
        return;
      case "end":
        if (found.item === undefined) return;
        found.item = ending(found.item, event);
        owner.items.complete(found.item);
    }
  }
}

/** People's own commands have no number: nobody types into them. */
function processIdOf({ source }: CommandOwner, processId: number): string | null {
  return source === "userShell" ? null : String(processId);
}

function beginning({ argv, command, cwd }: ExecBegin, id: string): CommandItem {
  return {
    type: "commandExecution",
    id,
    pluginId: null,
    scriptPath: null,
    command: commandLine(argv),
    cwd,
    processId: null,
    source: "agent",
    status: "inProgress",
    commandActions: commandActions(command, uriOf(cwd)),
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  } as CommandItem;
}

function ending(item: CommandItem, { status, exitCode, aggregatedOutput, durationMs }: ExecEnd): CommandItem {
  return {
    ...item,
    status,
    aggregatedOutput: aggregatedOutput === "" ? null : aggregatedOutput,
    exitCode: exitCode ?? null,
    durationMs: status === "declined" ? null : Math.round(durationMs),
  };
}

function uriOf(path: string): PathUri | undefined {
  try {
    return pathUriFromInferredNative(path);
  } catch (error) {
    if (isPathUriError(error)) return undefined;
    throw error;
  }
}
