export type { Channel, RecordOpener, RecordSealer } from "./channel.ts";
