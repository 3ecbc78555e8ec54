/** A command can't be started as the user that was asked for. The message says why. */
export class UserFault extends Error {
  override readonly name = "UserFault";
}
