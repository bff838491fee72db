// Which interface this client was made for. Written from the API's description; never edited.

export const API_VERSION = "1";
export const LIVE_PROTOCOL = "dash.v1";
/** A digest of both descriptions, but their prose. */
export const CONTRACT = "e440fb37aaea439532f5fe0841ba77bf";
