import { isLinkError } from "@holdfast/rpc";
import { checkOptions, pause } from "@holdfast/rpc/client";
import { abortable, abortedCall } from "../abortable.ts";
import { type ConnectionTarget, type ListenOptions, LOOPBACK, wireListen, wireTarget } from "../connection-place.ts";
import type { Environment } from "../environment.ts";
import { withCallersStack } from "../errors/callers-stack.ts";
import { toConnectionError } from "../errors/connection-error.ts";
import { toListenError } from "../errors/listen-error.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { ACCEPT_PAUSE_MS, ACCEPT_WAIT_MAX_MS } from "../limits.ts";
import { randomUuid } from "../random-uuid.ts";
import type { Session } from "../session/session.ts";
import { abandonChannel } from "./abandon-channel.ts";
import type { ProcessChannel } from "./process-channel.ts";
import { ProcessListener } from "./process-listener.ts";
import type { RunningProcess } from "./running-process.ts";
import { START_CALL_OPTIONS, type StartCallOptions } from "./start-call.ts";

export interface ConnectionsParts {
  readonly session: Session;
  readonly environment: Environment;
  /** The process that a connection is to its user. */
  running(channel: ProcessChannel): RunningProcess;
}

/** Connections of the executor's machine, whoever opens them: each is a process here. */
export class Connections {
  readonly #session: Session;
  readonly #environment: Environment;
  readonly #running: ConnectionsParts["running"];

  constructor({ session, environment, running }: ConnectionsParts) {
    this.#session = session;
    this.#environment = environment;
    this.#running = running;
  }

  /** See `processes.openConnection`. */
  async open(to: ConnectionTarget, call: StartCallOptions): Promise<RunningProcess> {
    const method = "processes.openConnection";
    const { capabilities, pathConvention } = this.#environment;
    const place = wireTarget(to, pathConvention, method);
    checkOptions(call, START_CALL_OPTIONS, method);
    const capability = "path" in place ? "holdfastListeners" : "holdfastConnections";
    if (!capabilities[capability]) throw new UnsupportedError(method, `the capability ${capability}`);
    const { signal } = call;
    const wire = "path" in place ? "holdfast/openSocket" : "holdfast/openConnection";
    if (signal?.aborted) throw abortedCall(wire, "not-sent", signal);
    const session = this.#session;
    const processId = randomUuid();
    const channel = session.openChannel(processId);
    const whenLate = (): void => session.terminateUnseen(processId);
    try {
      const { holdfast } = session.stub;
      const answer =
        "path" in place
          ? holdfast.openSocket({ processId, ...place })
          : holdfast.openConnection({ processId, ...place });
      await abortable(answer, signal, { method: wire, whenLate });
    } catch (error) {
      abandonChannel(session, channel, error);
      throw toConnectionError(error, "path" in to ? to : { host: to.host ?? LOOPBACK, port: to.port });
    }
    channel.started();
    return this.#running(channel);
  }

  /** See `processes.listen`. */
  async listen(at: ListenOptions, call: StartCallOptions): Promise<ProcessListener> {
    const method = "processes.listen";
    const { capabilities, pathConvention } = this.#environment;
    const place = wireListen(at, pathConvention, method);
    checkOptions(call, START_CALL_OPTIONS, method);
    if (!capabilities.holdfastListeners) throw new UnsupportedError(method, "the capability holdfastListeners");
    const { signal } = call;
    const wire = "holdfast/listen";
    if (signal?.aborted) throw abortedCall(wire, "not-sent", signal);
    const { holdfast } = this.#session.stub;
    const listenerId = randomUuid();
    const close = () => holdfast.closeListener({ listenerId });
    try {
      const answer = holdfast.listen({ listenerId, ...place });
      const whenLate = (): void => void close().catch(() => {});
      const { host, port } = await abortable(answer, signal, { method: wire, whenLate });
      return new ProcessListener({ host, port, accept: (until) => this.#accept(listenerId, until), close });
    } catch (error) {
      // It may listen for nobody.
      if (isLinkError(error)) void close().catch(() => {});
      throw toListenError(error);
    }
  }

  /** One id for as long as it takes: asked again after a lost line, the executor gives what it gave before. */
  async #accept(listenerId: string, signal: AbortSignal | undefined): Promise<RunningProcess> {
    const session = this.#session;
    const method = "holdfast/acceptConnection";
    if (signal?.aborted) throw abortedCall(method, "not-sent", signal);
    const processId = randomUuid();
    const channel = session.openChannel(processId);
    const whenLate = (): void => session.terminateUnseen(processId);
    try {
      for (;;) {
        if (signal?.aborted) throw abortedCall(method, "unknown", signal);
        const askedAtMs = session.clock.now();
        const answer = session.stub.holdfast.acceptConnection({ listenerId, processId, waitMs: ACCEPT_WAIT_MAX_MS });
        const { connection } = await abortable(answer, signal, { method, whenLate });
        if (connection === undefined || connection === null) {
          // More wait than may, or it does not wait at all.
          if (session.clock.now() - askedAtMs < ACCEPT_PAUSE_MS) await pause(ACCEPT_PAUSE_MS, session.clock, signal);
          continue;
        }
        if (connection.isKnown) await this.#catchUpWith(channel);
        else channel.started();
        return this.#running(channel);
      }
    } catch (error) {
      abandonChannel(session, channel, error);
      throw withCallersStack(error);
    }
  }

  /** It was accepted on a line that is lost, where it was not followed yet. */
  async #catchUpWith(channel: ProcessChannel): Promise<void> {
    const { processId, lastSeq: afterSeq } = channel;
    const result = await this.#session.stub.process.read({ processId, afterSeq, maxBytes: null, waitMs: 0 });
    channel.started();
    channel.suspend();
    channel.catchUp(result, afterSeq);
    channel.resume();
  }
}
