import { decodeFrame, encodeFrame, REGISTRY_REFUSED_PAYLOAD, type RelayFrameBody } from "@holdfast/relay-protocol";
import { type Channel, type Identity, Initiator, prologueOf } from "@holdfast/relay-protocol/noise";
import { BinaryFrame, type Clock, type FramePort, type InboundFrame } from "@holdfast/rpc";
import { FinalRefusal } from "../errors/final-refusal.ts";
import type { ConnectBundle } from "./connect-bundle.ts";
import { RelayPort } from "./relay-port.ts";

export interface OpenChannelParts {
  /** To the relay, not opened yet. It belongs to the port, or is closed. */
  readonly socket: FramePort;
  readonly bundle: ConnectBundle;
  readonly identity: Identity;
  readonly environmentId: string;
  /** A new one for each socket. */
  readonly streamId: string;
  readonly peerName: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/** The executor did not answer the handshake in time. */
export class HandshakeTimeout extends Error {
  override readonly name = "HandshakeTimeout";
}

/**
 * Open a stream and the channel in it.
 *
 * @throws HandshakeTimeout @throws FinalRefusal the executor's registry does not know the executor. @throws unknown - The reason of `signal`; or what
 * happened instead of the executor's answer, or what is wrong with that.
 */
export async function openChannel(parts: OpenChannelParts): Promise<RelayPort> {
  const { socket, bundle, identity, environmentId, streamId, peerName, timeoutMs, signal, clock } = parts;
  const place = { environmentId, registrationId: bundle.registrationId, streamId };
  const { promise, resolve, reject } = Promise.withResolvers<RelayPort>();
  let port: RelayPort | undefined;
  const initiator = new Initiator({ identity, remoteKey: bundle.executorKey, prologue: prologueOf(place) });
  const onFrame = (frame: InboundFrame): void => {
    try {
      const channel = answerIn(frame, streamId, initiator);
      if (channel === undefined) return;
      port = new RelayPort({ socket, streamId, channel, peerName, clock });
      resolve(port);
    } catch (error) {
      reject(error);
    }
  };
  socket.open({
    frame: (frame) => (port === undefined ? onFrame(frame) : port.receive(frame)),
    drained: () => port?.drained(),
    closed: (close) => {
      if (port !== undefined) port.closed(close);
      else reject(new Error(`the relay's socket before the executor answered: ${close.reason}`));
    },
  });
  const timer = clock.after(timeoutMs, () => {
    reject(new HandshakeTimeout(`the executor did not answer the handshake within ${timeoutMs} ms`));
  });
  const onAbort = (): void => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  try {
    const send = (body: RelayFrameBody): void => socket.send(new BinaryFrame([encodeFrame({ streamId, body })]));
    send({ kind: "resume", nextSequence: 0 });
    send({ kind: "handshake", payload: initiator.writeFirst(bundle.authorization) });
    return await promise;
  } catch (error) {
    initiator.wipe();
    // Unhandled, should it come after what went wrong here.
    promise.catch(() => {});
    socket.destroy("the handshake failed");
    throw error;
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** The channel that a frame completes; undefined for one that has nothing to do with it. */
function answerIn(frame: InboundFrame, streamId: string, initiator: Initiator): Channel | undefined {
  if (!(frame instanceof BinaryFrame)) throw new Error("the relay sent a text message, which no frame is");
  const { streamId: of, body } = decodeFrame(frame.whole());
  if (of !== streamId) return undefined;
  switch (body.kind) {
    case "ack":
    case "heartbeat":
    case "resume":
      return undefined;
    case "reset":
      throw new Error(
        "the executor, or the relay before it, refused this client: it may have too many, or takes no new ones for some seconds, or could not confirm this one",
      );
    case "data":
      throw new Error("data came before the executor's answer to the handshake");
    case "handshake":
      return channelOf(body.payload, initiator);
  }
}

function channelOf(message: Uint8Array, initiator: Initiator): Channel {
  const { payload, channel } = readAnswer(message, initiator);
  if (payload.length === 0) return channel;
  channel.sealer.wipe();
  channel.opener.wipe();
  if (new TextDecoder().decode(payload) === REGISTRY_REFUSED_PAYLOAD) {
    throw new FinalRefusal(
      "environment registry authentication error: executor credentials rejected; give the executor a token that is valid",
    );
  }
  throw new Error("handshake response payload must be empty");
}

function readAnswer(message: Uint8Array, initiator: Initiator) {
  try {
    return initiator.readSecond(message);
  } catch (cause) {
    throw new Error("who answered the handshake does not have the key that the registry told for the executor", {
      cause,
    });
  }
}
