import { type RegisterResponse, SECURITY_PROFILE } from "@holdfast/relay-protocol";
import { generateIdentity, type Identity } from "@holdfast/relay-protocol/noise";
import { type Clock, type FramePort, systemClock } from "@holdfast/rpc";
import { backoffMs, pause } from "@holdfast/rpc/client";
import { type Dialled, dialRendezvous, newRequestId } from "./dial-rendezvous.ts";
import { disconnectReason } from "./disconnect-reason.ts";
import { ExecutorSocket } from "./executor-socket.ts";
import { LimitedWarnings } from "./limited-warnings.ts";
import { OFFER_LIMITS } from "./limits.ts";
import { OfferError, UncommittedRegistration } from "./offer-error.ts";
import { type OfferLog, SILENT_LOG } from "./offer-log.ts";
import { ReconnectWaits } from "./reconnect-waits.ts";
import { type RegistryAddress, registryAddress, relayUrl } from "./registry-address.ts";
import { RegistryClient } from "./registry-client.ts";

const GOING_AWAY = 1001;

/** Options of {@link offer}. */
export interface OfferOptions {
  /** `https://host[:port][/prefix]`, or `http:` on this machine. */
  readonly registryUrl: string;
  /** The name by which clients reach the executor. */
  readonly environmentId: string;
  /** Whether `http:` and `ws:` may lead to other machines: whoever is on the way reads the token, though no contents. Default false. */
  readonly allowsPlaintext?: boolean | undefined;
  /** The token that the registry is shown, asked for before every call. @throws Error there is none that counts now, and why. */
  readonly credential: () => string;
  /** Serve one harness, which the registry let in. @param principal - What it is called in a log. */
  readonly accept: (port: FramePort, principal: string) => void;
  /** Told when the way is not open, for the first time or again: one line for people. */
  readonly onWaiting?: ((reason: string) => void) | undefined;
  readonly log?: OfferLog | undefined;
  readonly clock?: Clock | undefined;
  /** From 0 to 1, for the waits. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** An executor's way out. */
export interface Offer {
  /** What clients connect to: `relay+https://host[:port][/prefix]/ID`. */
  readonly url: string;
  /** Resolves when clients can come for the first time. Rejects as {@link Offer.ended}. */
  readonly connected: Promise<void>;
  /** Resolves after {@link Offer.close}. Rejects with an {@link OfferError} when the registry will have the executor no more. */
  readonly ended: Promise<void>;
  /** Harnesses that are connected. */
  readonly streamCount: number;
  /** Let nobody in any more and leave the relay, after what streams have queued, and at most some 200 ms. */
  close(): Promise<void>;
}

/**
 * Register an executor, and let harnesses come to it through a relay, for as long as it is not closed. A line that is lost is opened again, with waits of
 * up to 30 s; streams do not outlive it, sessions do.
 *
 * The first registration must succeed, unless the registry says that it wrote nothing. A later one is tried again when nobody answers, or with 408, 429 or 5xx.
 *
 * @throws Error saying what is wrong with `registryUrl` or `environmentId`.
 */
export function offer(options: OfferOptions): Offer {
  const address = registryAddress(options.registryUrl, options.environmentId, options);
  const running = new RunningOffer(options, address);
  const ended = running.run();
  // Whoever waits for only one of them is not told of the other as unhandled.
  ended.catch(() => {});
  running.connected.catch(() => {});
  return {
    url: relayUrl(address),
    connected: running.connected,
    ended,
    get streamCount() {
      return running.streamCount;
    },
    close: async () => {
      await running.close();
      await ended.catch(() => {});
    },
  };
}

class RunningOffer {
  readonly #options: OfferOptions;
  readonly #address: RegistryAddress;
  readonly #clock: Clock;
  readonly #log: OfferLog;
  readonly #warnings: LimitedWarnings;
  readonly #random: () => number;
  readonly #registry: RegistryClient;
  readonly #waits: ReconnectWaits;
  /** One for all sockets and registrations: it is by its key that clients know the executor again. */
  readonly #identity: Identity = generateIdentity();
  readonly #end = new AbortController();
  readonly #connected = Promise.withResolvers<void>();
  #socket: { readonly port: FramePort; readonly streams: ExecutorSocket } | undefined;
  #hasRegistered = false;

  constructor(options: OfferOptions, address: RegistryAddress) {
    const { clock = systemClock, log = SILENT_LOG, random = Math.random, credential } = options;
    this.#options = options;
    this.#address = address;
    this.#clock = clock;
    this.#log = log;
    this.#random = random;
    this.#warnings = new LimitedWarnings(log, clock);
    this.#registry = new RegistryClient({ address, credential, clock });
    this.#waits = new ReconnectWaits(random);
  }

  get connected(): Promise<void> {
    return this.#connected.promise;
  }

  get streamCount(): number {
    return this.#socket?.streams.streamCount ?? 0;
  }

  get #isEnding(): boolean {
    return this.#end.signal.aborted;
  }

  async run(): Promise<void> {
    try {
      await this.#run();
      this.#connected.reject(new OfferError("it was closed before it was connected"));
    } catch (error) {
      if (this.#isEnding) this.#connected.reject(new OfferError("it was closed before it was connected"));
      else {
        this.#connected.reject(error);
        throw error;
      }
    } finally {
      this.#identity.wipe();
    }
  }

  async close(): Promise<void> {
    this.#end.abort(new OfferError("it is closed"));
    const socket = this.#socket;
    if (socket === undefined) return;
    const { port, streams } = socket;
    await within(streams.whenIdle(), this.#clock, OFFER_LIMITS.closeGraceMs);
    port.close(GOING_AWAY, "the executor shuts down");
    await within(streams.closed, this.#clock, OFFER_LIMITS.closeGraceMs);
    port.destroy("the executor shuts down");
  }

  async #run(): Promise<void> {
    let registration = await this.#register();
    for (let attempt = 1; !this.#isEnding; attempt += 1) {
      const requestId = newRequestId();
      const dialled = await dialRendezvous(registration.url, requestId, {
        clock: this.#clock,
        signal: this.#end.signal,
        allowsPlaintext: this.#options.allowsPlaintext,
      });
      if (dialled.kind === "open") await this.#serve(dialled.port, registration, { requestId, attempt });
      else {
        this.#tellFailed(dialled, { requestId, attempt });
        if (dialled.isRegistrationOver && !this.#isEnding) registration = await this.#register();
      }
      await pause(this.#waits.next(), this.#clock, this.#end.signal);
    }
  }

  /** @throws OfferError it can't be had, or what `close` ends it with. */
  async #register(): Promise<RegisterResponse> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const registration = await this.#registry.register(this.#identity.publicKey, this.#end.signal);
        this.#hasRegistered = true;
        this.#log.info?.("Noise executor registration completed", {
          noise_event: "registration",
          noise_outcome: "ok",
          security_profile: SECURITY_PROFILE,
        });
        return registration;
      } catch (error) {
        if (this.#isEnding || !(error instanceof OfferError) || !this.#mayRetry(error)) throw error;
        await this.#waitToRegister(attempt, error);
      }
    }
  }

  #mayRetry(error: OfferError): boolean {
    // One that was lost may be written later, and replace the one after it: the socket is refused then, and there is a new registration.
    return error instanceof UncommittedRegistration || (this.#hasRegistered && error.isTransient);
  }

  async #waitToRegister(attempt: number, error: OfferError): Promise<void> {
    const delayMs =
      error instanceof UncommittedRegistration
        ? backoffMs(attempt + 1, { ...OFFER_LIMITS.registrationRetries, random: this.#random })
        : this.#waits.next();
    this.#log.warn("Noise executor retrying uncommitted registry registration", {
      retry_attempt: attempt + 1,
      retry_delay_ms: Math.round(delayMs),
      status: error.status,
    });
    this.#options.onWaiting?.(error.message);
    await pause(delayMs, this.#clock, this.#end.signal);
  }

  async #serve(port: FramePort, registration: RegisterResponse, attempt: Attempt): Promise<void> {
    const { accept } = this.#options;
    const { environment_id: environmentId, executor_registration_id: registrationId } = registration;
    const openedAt = this.#clock.now();
    const streams = new ExecutorSocket({
      port,
      peerName: `relay ${URL.parse(this.#address.baseUrl)?.host ?? ""}`,
      place: { environmentId, registrationId },
      identity: this.#identity,
      registry: this.#registry,
      accept,
      clock: this.#clock,
      log: this.#log,
      warnings: this.#warnings,
    });
    if (this.#isEnding) port.destroy("the executor shuts down");
    this.#socket = { port, streams };
    this.#log.info?.("Noise executor connected to rendezvous", {
      noise_event: "rendezvous_connection",
      request_id: attempt.requestId,
      connection_attempt: attempt.attempt,
    });
    this.#connected.resolve();
    const close = await streams.closed;
    this.#socket = undefined;
    this.#waits.lived(this.#clock.now() - openedAt);
    const noise_reason = disconnectReason(close);
    this.#log.info?.("Noise executor disconnected from rendezvous", { noise_reason });
    if (!this.#isEnding) this.#options.onWaiting?.(`the line to the relay is gone: ${close.reason}`);
  }

  #tellFailed({ reason, fields }: Extract<Dialled, { kind: "failed" }>, { requestId, attempt }: Attempt): void {
    if (this.#isEnding) return;
    this.#log.warn("Noise executor failed to connect to rendezvous", {
      noise_reason: "websocket_error",
      request_id: requestId,
      connection_attempt: attempt,
      ...fields,
    });
    this.#options.onWaiting?.(reason);
  }
}

interface Attempt {
  readonly requestId: string;
  /** From 1. */
  readonly attempt: number;
}

/** Resolves with the promise, or when the time has passed. */
async function within(promise: Promise<unknown>, clock: Clock, limitMs: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = clock.after(limitMs, resolve);
  await Promise.race([promise, late]);
  timer.cancel();
}
