/** What a script answers first. */
export const GRANTED = 0;
export const REFUSED = 1;
export const ENDED = 2;
/** A period that was asked for is not the one of the store's now. */
export const OTHER_PERIOD = 3;
/** The store's memory is not the one that the question is about. */
export const LOST = -1;
/** The memory is, but this is not the run of the server that it was last looked at on. */
export const OTHER_SERVER = -2;
/** A counter is of another kind than its key says: nothing was done. */
export const BROKEN = -3;
