// Which interface this client was made for. Written from the API's description; never edited.

export const API_VERSION = "1";
export const LIVE_PROTOCOL = "dash.v1";
/** A digest of both descriptions, but their prose. */
export const CONTRACT = "44005538b9c59c3b940bb6a951d39171";
