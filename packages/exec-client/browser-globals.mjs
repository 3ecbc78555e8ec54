/*
 * What Node has and browsers lack, for the bundle alone: pages keep the globals that they have.
 */
export { Buffer } from "buffer";

const channel = new MessageChannel();
const queue = [];
channel.port1.onmessage = () => queue.shift()?.();

/** After what is due now, and before timers, which browsers hold back. */
export function setImmediate(call) {
  queue.push(call);
  channel.port2.postMessage(undefined);
}
