export { type Forwarding, type ForwardOptions, forward } from "./forward.ts";
