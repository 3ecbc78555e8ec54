/** A confined file operation has no answer: its helper failed, not the operation. The message is meant for the peer. */
export class HelperFault extends Error {
  override readonly name = "HelperFault";
}
