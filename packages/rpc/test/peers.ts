import { createPeer, type FramePort, type InboundServer, type Peer, type PeerOptions } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { jsonCodec, RecordingReceiver } from "@holdfast/rpc/testing";

type Handler = (params: unknown, signal: () => AbortSignal) => unknown;

/** A server of named handlers; a notice is remembered by the array. */
export function serverOf(handlers: Record<string, Handler>, notices: unknown[] = []): InboundServer {
  return {
    call: (call) => {
      const handler = handlers[call.method];
      if (handler === undefined) throw new Error(`no handler for ${call.method}`);
      return handler(call.params, () => call.signal);
    },
    notice: (notice) => {
      notices.push(notice.params);
    },
  };
}

/** A peer on one end of a memory link, and the bare far end with what it received. */
export function peerAndWire(
  options: Partial<PeerOptions> = {},
  link: { readonly highWaterBytes?: number } = {},
): { peer: Peer; port: FramePort; wire: RecordingReceiver; farPort: FramePort; send: (message: unknown) => void } {
  const [port, farPort] = memoryLink(link);
  const wire = new RecordingReceiver();
  farPort.open(wire);
  const peer = createPeer({ port, codec: jsonCodec, ...options });
  return { peer, port, wire, farPort, send: (message) => farPort.send(JSON.stringify(message)) };
}

/** Two peers on one memory link. */
export function twoPeers(
  left: Partial<PeerOptions> = {},
  right: Partial<PeerOptions> = {},
  link: { readonly highWaterBytes?: number; readonly lowWaterBytes?: number } = {},
): [Peer, Peer] {
  const [leftPort, rightPort] = memoryLink(link);
  return [
    createPeer({ port: leftPort, codec: jsonCodec, ...left }),
    createPeer({ port: rightPort, codec: jsonCodec, ...right }),
  ];
}

/** Messages of a wire, decoded. */
export function messagesOf(wire: RecordingReceiver): unknown[] {
  return wire.frames.map((frame) => JSON.parse(frame) as unknown);
}

/** Lets everything that is ready happen. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
