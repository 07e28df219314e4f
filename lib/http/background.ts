/** A request with this header was made by a page alone: it does not keep the session alive. */
export const BACKGROUND_HEADER = 'x-onramp-background'

/** The headers of such a request. */
export const byItself = { [BACKGROUND_HEADER]: '1' }
