// Which interface this client was made for. Written from the API's description; never edited.

export const API_VERSION = "1";
export const LIVE_PROTOCOL = "dash.v1";
/** A digest of both descriptions, but their prose. */
export const CONTRACT = "b7dc387fd4e2d54ddb7f7b7a554aac33";
