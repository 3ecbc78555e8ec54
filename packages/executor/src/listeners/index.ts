export {
  ConnectionListener,
  type ConnectionListenerOptions,
  type HandedListener,
  listenerDescriptors,
} from "./connection-listener.ts";
export type { Incoming } from "./incoming.ts";
export { ListenFault } from "./listen-fault.ts";
export { isLoopback, isSamePlace, type ListenPlace } from "./listen-place.ts";
