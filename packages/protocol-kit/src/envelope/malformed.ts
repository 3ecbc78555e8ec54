/** A message that is not one. The text is the reason that the peer reads. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}
