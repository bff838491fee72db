// Which interface this client was made for. Written from the API's description; never edited.

export const API_VERSION = "1";
export const LIVE_PROTOCOL = "dash.v1";
/** A digest of both descriptions, but their prose. */
export const CONTRACT = "c07140bcebd1ef76e9f8df0ce9a9c7ff";
