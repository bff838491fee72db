// What time it is by the server, which stamps all that happens: this machine's clock may be minutes off.
let ahead = 0;

/** How far the server's clock is ahead of this machine's, in ms. */
export function agree(by) {
  ahead = by;
}

/** Milliseconds since the epoch. */
export const now = () => Date.now() + ahead;
