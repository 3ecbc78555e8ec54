import { randomBytes } from "node:crypto";
import { openEmbeddedStores, type RelayService, type ServiceClock, startRelayService } from "@holdfast/relay/service";
import { addToken, type TokenRole } from "@holdfast/relay/tokens";
import {
  decodeFrame,
  type PublicKey,
  publicKeyToJson,
  type RelayFrame,
  SECURITY_PROFILE,
} from "@holdfast/relay-protocol";
import { BinaryFrame, type FramePort, type PortClose } from "@holdfast/rpc";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { FakeClock, tempDir, until } from "@holdfast/testkit";

/** A clock that stands still until it is told to move, and a time of day that may also be set. */
export class FakeServiceClock extends FakeClock implements ServiceClock {
  /** Milliseconds by which the time of day is off. */
  offMs = 0;

  wallNow(): number {
    return Date.UTC(2027, 0, 1) + this.now() + this.offMs;
  }
}

export interface LogRecord {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface TestRelay extends AsyncDisposable {
  readonly service: RelayService;
  readonly clock: FakeServiceClock;
  readonly tokensFile: string;
  readonly stateFolder: string;
  readonly log: readonly LogRecord[];
  token(role: TokenRole, environment?: string, expiresAt?: number): Promise<string>;
  /** An answer of the registry. */
  call(path: string, token: string | undefined, body: unknown, init?: RequestInit): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a JSON body: what the registry may have said. */
  readonly body: AnswerBody;
}

interface AnswerBody {
  readonly environment_id: string;
  readonly url: string;
  readonly executor_registration_id: string;
  readonly executor_public_key: { readonly suite: string };
  readonly harness_key_authorization: string;
  readonly valid: boolean;
  readonly error: { readonly code: string; readonly message: string };
}

/** A relay in this process, on a port of its own. */
export async function testRelay(options: { readonly publicUrl?: string } = {}): Promise<TestRelay> {
  const dir = await tempDir();
  const clock = new FakeServiceClock();
  const log: LogRecord[] = [];
  const record = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    log.push({ message, fields });
  };
  const tokensFile = dir.join("tokens");
  const stateFolder = dir.join("state");
  await addToken(tokensFile, { role: "monitor", environment: "*", name: "first" });
  const service = await startRelayService({
    host: "127.0.0.1",
    port: 0,
    tokensFile,
    stores: await openEmbeddedStores(stateFolder, clock),
    log: { info: record, warn: record },
    clock,
    ...options,
  });
  return {
    service,
    clock,
    tokensFile,
    stateFolder,
    log,
    async token(role, environment = "*", expiresAt) {
      const { token } = await addToken(tokensFile, { role, environment, expiresAt });
      await settled(clock, log);
      return token;
    },
    async call(path, token, body, init = {}) {
      const response = await fetch(`${service.listenUrl}${path}`, {
        method: "POST",
        body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
        ...init,
        headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...init.headers },
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: parsed(text) };
    },
    async [Symbol.asyncDispose]() {
      await service.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Have the relay read its tokens file, which has been changed. */
export async function settled(clock: FakeServiceClock, log: readonly LogRecord[]): Promise<void> {
  const before = log.length;
  await until(async () => {
    await clock.advance(1_000);
    return log.slice(before).some(({ message }) => message.startsWith("the tokens"));
  });
}

function parsed(text: string): AnswerBody {
  try {
    return JSON.parse(text);
  } catch {
    return {} as AnswerBody;
  }
}

export function testKey(): PublicKey {
  return { x25519: Uint8Array.from(randomBytes(32)), mlKem768: Uint8Array.from(randomBytes(1_184)) };
}

export function registerBody(key: PublicKey = testKey()) {
  return { security_profile: SECURITY_PROFILE, executor_public_key: publicKeyToJson(key) };
}

export function connectBody(key: PublicKey = testKey()) {
  return { harness_public_key: publicKeyToJson(key) };
}

/** A socket at the relay, with what came of it. */
export class TestSocket {
  readonly port: FramePort;
  readonly frames: RelayFrame[] = [];
  readonly bytes: Uint8Array[] = [];
  #closed: PortClose | undefined;

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<TestSocket> {
    return new TestSocket(await connectWebSocket(url, { headers, pingIntervalMs: Number.POSITIVE_INFINITY }));
  }

  private constructor(port: FramePort) {
    this.port = port;
    port.open({
      frame: (frame) => {
        if (!(frame instanceof BinaryFrame)) throw new Error("the relay sent a text");
        this.bytes.push(frame.whole());
        this.frames.push(decodeFrame(frame.whole()));
      },
      drained: () => {},
      closed: (close) => {
        this.#closed = close;
      },
    });
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  send(frame: Uint8Array): void {
    this.port.send(new BinaryFrame([frame]));
  }

  /** Why it was closed. */
  async closed(): Promise<PortClose> {
    return await until(() => this.#closed);
  }
}

/** An executor that is there. */
export interface TestExecutor {
  readonly environmentId: string;
  readonly registrationId: string;
  readonly url: string;
  readonly token: string;
  readonly socket: TestSocket;
}

export async function registered(relay: TestRelay, environmentId = "env-1", given?: string) {
  const token = given ?? (await relay.token("executor", environmentId));
  const { status, text, body } = await relay.call(
    `/cloud/environment/${environmentId}/register`,
    token,
    registerBody(),
  );
  if (status !== 200) throw new Error(`register was answered ${status} ${text}`);
  return { environmentId, registrationId: String(body.executor_registration_id), url: String(body.url), token };
}

/** @param headers - Of its upgrade. Default: none, as of a release of Codex. */
export async function connectedExecutor(
  relay: TestRelay,
  environmentId = "env-1",
  headers: Readonly<Record<string, string>> = {},
): Promise<TestExecutor> {
  const executor = await registered(relay, environmentId);
  const socket = await TestSocket.open(executor.url, headers);
  await until(() => relay.log.some((each) => isAbout(each, "executor connected", executor.registrationId)));
  return { ...executor, socket };
}

function isAbout({ message, fields }: LogRecord, wanted: string, registrationId: string): boolean {
  return message === wanted && fields.registration === registrationId;
}

/** What a client is told about an environment. */
export async function bundle(relay: TestRelay, token: string, environmentId = "env-1", key = testKey()) {
  const answer = await relay.call(`/cloud/environment/${environmentId}/connect`, token, connectBody(key));
  if (answer.status !== 200) throw new Error(`connect was answered ${answer.status} ${answer.text}`);
  return {
    url: String(answer.body.url),
    registrationId: String(answer.body.executor_registration_id),
    authorization: String(answer.body.harness_key_authorization),
    key,
  };
}

export function validateBody(of: { registrationId: string; authorization: string; key: PublicKey }) {
  return {
    executor_registration_id: of.registrationId,
    harness_public_key: publicKeyToJson(of.key),
    harness_key_authorization: of.authorization,
  };
}
