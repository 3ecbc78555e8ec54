export { ChannelError } from "./channel-error.ts";
export { type Message, MessageCutter } from "./message-cutter.ts";
export { isBinaryMessage } from "./message-kind.ts";
export { MessageReceiver, type MessageReceiverOptions } from "./message-receiver.ts";
export { MessageSender, type RecordSlot } from "./message-sender.ts";
