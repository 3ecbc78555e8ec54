import {
  ERROR_CODES,
  type InitializeParams,
  RUNNING_REQUESTS_MAX,
  type ServerNotices,
  type ServerRequests,
  UNREAD_BYTES_MAX,
} from "@holdfast/app-server-protocol";
import { type AppServerRouter, experimentalPart, withoutExperimental } from "@holdfast/app-server-protocol/server";
import { clip } from "@holdfast/protocol-kit";
import { type InboundCall, type InboundServer, type Peer, RpcFault } from "@holdfast/rpc";
import { AnsweredCall } from "./answered-call.ts";
import type { HostCall, HostClient, NoticeName, QuestionName } from "./host-client.ts";

/** Providers of models are told who asks in a header. */
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

const TRY_AGAIN_LATER = 1013;

/** What connections share. */
export interface ConnectionServices {
  readonly router: AppServerRouter<HostCall>;
  /** It was answered `initialize`. */
  readonly ready: () => void;
  readonly warn: (line: string) => void;
}

/** One client on one connection: its handshake, and what it has asked for. */
export class Connection implements InboundServer, HostClient {
  readonly id: number;
  readonly #services: ConnectionServices;
  readonly #peer: () => Peer;
  readonly #gone = new AbortController();
  #introduction: InitializeParams | undefined;
  #unwanted: ReadonlySet<string> = new Set();

  /** @param peer - Asked for only after the first call has come in. */
  constructor(id: number, services: ConnectionServices, peer: () => Peer) {
    this.id = id;
    this.#services = services;
    this.#peer = peer;
  }

  get name(): string {
    return this.#introduction?.clientInfo.name ?? "";
  }

  get version(): string {
    return this.#introduction?.clientInfo.version ?? "";
  }

  get hasExperimentalApi(): boolean {
    return this.#introduction?.capabilities?.experimentalApi === true;
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get writable(): boolean {
    return this.#peer().writable;
  }

  whenWritable(): Promise<void> {
    return this.#peer().whenWritable();
  }

  notify<Name extends NoticeName>(name: Name, params: ServerNotices[Name]): void {
    if (this.#gone.signal.aborted || this.#unwanted.has(name)) return;
    const peer = this.#peer();
    peer.notify(name, params);
    if (peer.queuedBytes > UNREAD_BYTES_MAX && peer.state.kind === "open") this.#cut(peer);
  }

  ask<Name extends QuestionName>(
    id: number,
    name: Name,
    params: ServerRequests[Name]["params"],
    signal: AbortSignal,
  ): Promise<unknown> {
    const sent = this.hasExperimentalApi ? params : withoutExperimental(name, params);
    return this.#peer().callAs(id, name, sent, { signal });
  }

  call(call: InboundCall): unknown {
    // Each of the others has its own time limit, or is one that the client can end.
    if (this.#peer().runningCalls > RUNNING_REQUESTS_MAX) {
      throw new RpcFault(ERROR_CODES.Overloaded, "Server overloaded; retry later.");
    }
    const routed = this.#services.router.request(call.method, call.params);
    if (routed.kind === "refused") throw new RpcFault(routed.code, routed.message);
    if (this.#introduction === undefined && call.method !== "initialize") throw refused("Not initialized");
    const experimental = this.hasExperimentalApi ? undefined : experimentalPart(routed.method, call.params);
    if (experimental !== undefined) throw refused(`${experimental} requires experimentalApi capability`);
    return new AnsweredCall(this, call).run((context) => routed.run(context));
  }

  notice(): void {}

  /** @throws RpcFault - It has introduced itself before, or its name can not be told to others. */
  introduce(params: InitializeParams): void {
    if (this.#introduction !== undefined) throw refused("Already initialized");
    const { name } = params.clientInfo;
    if (!HEADER_VALUE.test(name)) {
      throw refused(`Invalid clientInfo.name: '${clip(name)}'. Must be a valid HTTP header value.`);
    }
    this.#introduction = params;
    this.#unwanted = new Set(params.capabilities?.optOutNotificationMethods ?? []);
  }

  /** It has been answered. */
  ready(): void {
    if (!this.#gone.signal.aborted) this.#services.ready();
  }

  /** A client that is told more than it reads holds nobody else up, and must not fill the memory. */
  #cut(peer: Peer): void {
    const reason = `the client does not read: more than ${UNREAD_BYTES_MAX} bytes wait for it`;
    this.#services.warn(`the connection of ${clip(this.name)} is closed: ${reason}`);
    peer.close(reason, TRY_AGAIN_LATER);
  }

  /** Its connection is gone. */
  end(): void {
    this.#gone.abort();
  }
}

function refused(message: string): RpcFault {
  return new RpcFault(ERROR_CODES.InvalidRequest, message);
}
