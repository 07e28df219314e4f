/** The wizard, with partner, shop and load id of this load filled in. */
export const sendAgainHref = (loadId: string): string => `/loads/new?again=${loadId}`
