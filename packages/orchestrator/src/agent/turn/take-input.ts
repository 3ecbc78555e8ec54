import type { TurnItems } from "./turn-items.ts";
import type { TurnInput, TurnPort } from "./turn-port.ts";
import { type ReadLocal, userMessage, userMessageItem } from "./user-message.ts";

/** How what was said becomes a part of the conversation. */
export interface InputTaker {
  readonly items: TurnItems;
  readonly readLocal: ReadLocal;
}

/** Make what was said a part of the conversation, and tell of it. */
export async function takeInput(
  port: TurnPort,
  taker: InputTaker,
  inputs: readonly TurnInput[] = port.takeInput(),
): Promise<void> {
  for (const input of inputs) {
    if (input.content.length === 0) continue;
    const entry = await userMessage(input, taker.readLocal);
    taker.items.complete(userMessageItem(input));
    port.record([entry]);
  }
}
