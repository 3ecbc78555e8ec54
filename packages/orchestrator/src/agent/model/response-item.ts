/**
 * One entry of a conversation as the Responses API has it: a message, a reasoning, a call of a tool, what the tool gave back. Kept and sent back as it came; only `type`
 * is looked at by those who do not make it.
 */
export interface ResponseItem {
  readonly type: string;
  readonly [member: string]: unknown;
}
