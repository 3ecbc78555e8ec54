/** Why a stream is over, in the words of the peers. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
}
