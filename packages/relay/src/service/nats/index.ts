export { connectNats, type NatsOptions } from "./connect-nats.ts";
export { readNatsAddress } from "./nats-address.ts";
